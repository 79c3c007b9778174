// Playing something takes a moment: `facts.playbackSeconds`, whatever its length would be.

// A clock for one playback. `finished` is called when it has run for its time, never after `stop`; with `loop` it
// runs until it is stopped.
function playback(finished, loop) {
  let timer;
  let isPlaying = false;

  function stop() {
    isPlaying = false;
    cancelLater(timer);
  }

  // A resumed playback starts anew: how far it was is not measured.
  function start() {
    if (isPlaying) return;
    isPlaying = true;
    if (loop) return;
    timer = later(facts.playbackSeconds, () => {
      isPlaying = false;
      finished();
    });
  }

  return { start, stop, isPlaying: () => isPlaying };
}
