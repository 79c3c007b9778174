// Players: of a URL, a text, a tone script, and of several of these in a row.

// Makes a player of a class of the typings.
function player(name, { seconds, isPaused, loop }) {
  const events = name === "SequencePlayer" ? name : "Player"; // the first part of its events' names
  const markers = [];
  let isStopped = false;
  const clock = playback(seconds, started, finished, loop);
  const made = instance(name, {
    addMarker: (offset) => append(markers, offset),
    pause: clock.stop,
    resume,
    stop() {
      if (isStopped) return;
      isStopped = true;
      clock.stop();
      later(0, () => made.raise(`${events}.Stopped`, {}));
    },
  });

  function resume() {
    if (!isStopped) clock.start();
  }

  function started() {
    made.raise(`${events}.Started`, { duration: seconds * 1000 });
  }

  function finished() {
    for (let i = 0; i < markers.length; i += 1) made.raise(`${events}.PlaybackMarkerReached`, { offset: markers[i] });
    made.raise(`${events}.PlaybackFinished`, {});
  }

  later(0, () => {
    made.raise(`${events}.Created`, {});
    made.raise(`${events}.PlaybackReady`, {});
  });
  if (!isPaused) resume();
  return made.self;
}

// The parameters are an object; in older scenarios they follow one another.
function isOn(parameters, name) {
  return typeof parameters === "object" && parameters !== null && parameters[name] === true;
}

const stopsByItself = { isPaused: false, loop: false };

Object.assign(engine, {
  sendMediaBetween() {}, // no media flows here
  stopMediaBetween() {},
  createURLPlayer: (request, parameters, onPause) =>
    player("Player", {
      seconds: playbackSeconds(),
      isPaused: onPause === true || isOn(parameters, "onPause"),
      loop: isOn(parameters, "loop"),
    }),
  createTTSPlayer: (text, parameters) =>
    player("Player", { seconds: playbackSeconds(text), isPaused: isOn(parameters, "onPause"), loop: false }),
  createToneScriptPlayer: (script, parameters) =>
    player("Player", {
      seconds: playbackSeconds(),
      isPaused: false,
      loop: parameters === true || isOn(parameters, "loop"),
    }),
  createSequencePlayer: () => player("SequencePlayer", { seconds: playbackSeconds(), ...stopsByItself }),
});

// The players of the providers of speech: the text comes with them, or later in pieces.
function speechPlayer(provider) {
  return (text) => {
    note(`${provider}.createRealtimeTTSPlayer`);
    const seconds = playbackSeconds(typeof text === "string" ? text : "");
    return player(`${provider}.RealtimeTTSPlayer`, { seconds, ...stopsByItself });
  };
}

const PROVIDERS = ["Cartesia", "ElevenLabs", "Google", "Inworld", "VoxTTS", "XAI"];
for (let i = 0; i < PROVIDERS.length; i += 1) {
  world[PROVIDERS[i]] = partly(PROVIDERS[i], { createRealtimeTTSPlayer: speechPlayer(PROVIDERS[i]) });
}
