// What is played to a call and recorded of it. The call itself is in calls.js.

// Returns `members` for the call's object, `over`, to be called when the call is, and `whenOver(callback)`.
// `raise(name, fields)` raises one of the call's events.
function callMedia(raise) {
  const watchers = [];
  let recordUrl;
  let isOver = false;
  let clock;

  // What is played next ends what was played before, in silence (that the platform raises nothing then is not known).
  function play(seconds, loop) {
    if (isOver) return;
    clock?.stop();
    clock = playback(seconds, () => started(seconds), () => raise("Call.PlaybackFinished", {}), loop);
    clock.start();
  }

  function started(seconds) {
    raise("Call.PlaybackReady", {});
    raise("Call.PlaybackStarted", { duration: seconds * 1000 });
  }

  function record() {
    if (isOver || recordUrl !== undefined) return;
    recordUrl = recordingUrl();
    later(0, () => raise("Call.RecordStarted", { url: recordUrl }));
  }

  function over() {
    isOver = true;
    clock?.stop();
    // After Disconnected (documented).
    if (recordUrl !== undefined) later(0, () => raise("Call.RecordStopped", { url: recordUrl, cost: "0", duration: 0 }));
    for (let i = 0; i < watchers.length; i += 1) later(0, watchers[i]);
  }

  const members = {
    say: (text) => play(playbackSeconds(text), false),
    startPlayback: (url, parameters) => play(playbackSeconds(), parameters === true || isOn(parameters, "loop")),
    stopPlayback: () => clock?.stop(), // without PlaybackFinished (documented)
    record,
    handleTones() {}, // tones come from outside (`feed`), whether they are asked for or not
    sendMediaTo() {},
    stopMediaTo() {},
    playProgressTone() {},
    handleMicStatus() {},
  };
  return { members, over, whenOver: (callback) => append(watchers, callback) };
}

function recordingUrl() {
  return `https://storage.invalid/${uuidgen()}.mp3`; // a name that no request can reach
}
