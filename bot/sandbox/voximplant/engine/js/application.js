// The session itself: VoxEngine, its events, and the log.

const application = eventTarget();

happenings.open = (event) => {
  facts = event;
};

happenings.app = (event) => {
  const answers = application.raise(event.name, event.fields);
  for (let i = 0; i < answers.length; i += 1) {
    if (typeof answers[i] === "string") {
      effect("answer", { body: answers[i] });
      return;
    }
  }
};

const engine = {
  addEventListener: application.addEventListener,
  removeEventListener: application.removeEventListener,
  terminate: () => effect("terminate", {}),
  customData(text) {
    if (text !== undefined) {
      facts.customData = textOf(text);
      effect("customData", { text: facts.customData });
    }
    return facts.customData;
  },
  getSecretValue: (name) => ownOf(facts.secrets ?? typings.none, textOf(name)),
  callPSTN,
};

world.VoxEngine = partly("VoxEngine", engine);
world.Logger = partly("Logger", { write: (text) => effect("log", { text: textOf(text) }) });
