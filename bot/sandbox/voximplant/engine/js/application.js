// The session itself: VoxEngine, and the log.

happenings.open = (event) => {
  facts = event;
};

happenings.app = (event) => {
  const answers = application.raise(event.name, event.fields);
  if (event.name !== "Application.HttpRequest") return;
  let body = null;
  for (let i = answers.length - 1; i >= 0; i -= 1) body = answerText(answers[i]) ?? body;
  effect("answer", { handlers: answers.length, body });
};

// What a handler's value is as the answer to its request (documented): text and numbers as they are, else JSON.
// Of several handlers the first counts that returned something; a promise is no answer (neither is known).
function answerText(value) {
  if (typeof value === "string" || typeof value === "number") return textOf(value);
  if (value instanceof NativePromise) return null;
  try {
    return stringify(value) ?? null;
  } catch {
    return null; // no JSON can be made of it
  }
}

const engine = {
  ...outgoing,
  addEventListener: application.addEventListener,
  removeEventListener: application.removeEventListener,
  terminate: () => effect("terminate", { stack: stackHere() }),
  customData(text) {
    if (text !== undefined) {
      facts.customData = textOf(text);
      effect("customData", { text: facts.customData });
    }
    return facts.customData;
  },
  getSecretValue,
};
Object.assign(engine, pairs);

// A customer's scenario asks for secrets that its account has: one that the sandbox was not given is made up.
function getSecretValue(name) {
  const value = ownOf(facts.secrets ?? typings.none, textOf(name));
  if (value !== undefined) return value ?? undefined;
  note(`secret ${textOf(name)}`);
  return `made up: ${textOf(name)}`;
}

world.VoxEngine = partly("VoxEngine", engine);
world.Logger = partly("Logger", { write: (text) => effect("log", { text: textOf(text) }) });
