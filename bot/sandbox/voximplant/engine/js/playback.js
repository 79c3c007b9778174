// Playing something takes a moment: `facts.playbackSeconds`, whatever its length would be.

// A clock for one playback: it calls `started`, and after its time `finished`; neither after `stop`. With `loop` it
// runs until it is stopped. One that is resumed starts anew: how far it was is not measured.
function playback(started, finished, loop) {
  let timer;
  let isPlaying = false;

  function stop() {
    isPlaying = false;
    cancelLater(timer);
  }

  function start() {
    if (isPlaying) return;
    isPlaying = true;
    timer = later(0, () => {
      started();
      if (isPlaying && !loop) timer = later(facts.playbackSeconds, finish);
    });
  }

  function finish() {
    isPlaying = false;
    finished();
  }

  return { start, stop };
}
