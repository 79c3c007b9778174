// Players: of a URL, a text, a tone script, and of several of these in a row.

function player(name, isPaused, loop) {
  const markers = [];
  let isStopped = false;
  const clock = playback(started, finished, loop);
  const made = instance(name, {
    addMarker: (offset) => append(markers, offset),
    pause: clock.stop,
    resume,
    stop() {
      if (isStopped) return;
      isStopped = true;
      clock.stop();
      later(0, () => made.raise(`${name}.Stopped`, {}));
    },
  });

  function resume() {
    if (!isStopped) clock.start();
  }

  function started() {
    made.raise(`${name}.Started`, { duration: facts.playbackSeconds * 1000 });
  }

  function finished() {
    for (let i = 0; i < markers.length; i += 1) made.raise(`${name}.PlaybackMarkerReached`, { offset: markers[i] });
    made.raise(`${name}.PlaybackFinished`, {});
  }

  later(0, () => {
    made.raise(`${name}.Created`, {});
    made.raise(`${name}.PlaybackReady`, {});
  });
  if (!isPaused) resume();
  return made.self;
}

// The parameters are an object; in older scenarios they follow one another.
function isOn(parameters, name) {
  return typeof parameters === "object" && parameters !== null && parameters[name] === true;
}

Object.assign(engine, {
  sendMediaBetween() {}, // no media flows here
  stopMediaBetween() {},
  createURLPlayer: (request, parameters, onPause) =>
    player("Player", onPause === true || isOn(parameters, "onPause"), isOn(parameters, "loop")),
  createTTSPlayer: (text, parameters) => player("Player", isOn(parameters, "onPause"), false),
  createToneScriptPlayer: (script, parameters) => player("Player", false, parameters === true || isOn(parameters, "loop")),
  createSequencePlayer: () => player("SequencePlayer", false, false),
});
