// Playing something takes its time.

const SPOKEN_A_SECOND = 15; // characters, about
const SPOKEN_SECONDS_MIN = 1;
const FILE_SECONDS = 10; // the length of a file, a tone or a sequence is not known here

// The seconds of a spoken text, or of a file (undefined); the same for all when `facts.playbackSeconds` says so.
function playbackSeconds(text) {
  if (typeof facts.playbackSeconds === "number") return facts.playbackSeconds;
  return text === undefined ? FILE_SECONDS : most(textOf(text).length / SPOKEN_A_SECOND, SPOKEN_SECONDS_MIN);
}

// A clock for one playback: it calls `started`, and after its seconds `finished`; neither after `stop`. With `loop` it
// runs until it is stopped. One that is resumed starts anew: how far it was is not measured.
function playback(seconds, started, finished, loop) {
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
      if (isPlaying && !loop) timer = later(seconds, finish);
    });
  }

  function finish() {
    isPlaying = false;
    finished();
  }

  return { start, stop };
}
