// IVR: menus that are played. A state plays its prompt, takes tones, and hands on to the next one.

const IVR_TIMEOUT_MS = 5000; // documented default

world.IVRState = function IVRState(name, settings, onInputComplete, onInputTimeout) {
  const given = settings ?? {};
  let input = "";
  let call;
  let timer;

  function enterState(to) {
    call = to;
    input = "";
    state.input = "";
    const prompt = given.prompt ?? {};
    call.addEventListener("Call.PlaybackFinished", prompted);
    call.addEventListener("Call.ToneReceived", pressed);
    call.handleTones(true);
    if (prompt.play !== undefined) call.startPlayback(prompt.play);
    else if (prompt.say !== undefined) call.say(prompt.say);
    else later(0, prompted);
  }

  function prompted() {
    if (given.type === "noinput") finish(given.nextState);
    else wait();
  }

  function wait() {
    cancelLater(timer);
    timer = later((numberOf(given.timeout) || IVR_TIMEOUT_MS) / 1000, () => {
      leave();
      if (typeof onInputTimeout === "function") enter(onInputTimeout, input);
    });
  }

  function pressed(event) {
    call.stopPlayback();
    if (given.type === "inputunknown" && event.tone === given.terminateOn) {
      finish();
      return;
    }
    input += event.tone;
    if (isComplete()) finish(given.type === "select" ? given.nextStates?.[input] : undefined);
    else wait();
  }

  function isComplete() {
    if (given.type === "select") return true;
    if (given.type === "inputfixed") return input.length >= given.inputLength;
    return typeof given.inputValidator === "function" && enter(given.inputValidator, input) === true;
  }

  function leave() {
    cancelLater(timer);
    state.input = input;
    call.removeEventListener("Call.PlaybackFinished", prompted);
    call.removeEventListener("Call.ToneReceived", pressed);
  }

  function finish(next) {
    leave();
    if (next !== undefined && next !== null) next.enter(call);
    else if (typeof onInputComplete === "function") enter(onInputComplete, input);
  }

  const state = { input, settings: given, enter: enterState };
  return partly("IVRState", state);
};
