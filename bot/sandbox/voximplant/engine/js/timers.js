// Timers: the scenario's, which are counted, and the sandbox's own, for what finishes after a moment.

const TIMERS_MAX = 100; // facts: 100 timers a session
const INTERVAL_MIN = 100; // documented: a shorter interval is one of 100 ms

const timers = new NativeMap(); // by id: those of the scenario
const laters = new NativeMap(); // by id: those of the sandbox
let lastTimer = 0;

happenings.timer = (event) => {
  const later = mapGet(laters, event.id);
  if (later !== undefined) {
    mapDelete(laters, event.id);
    later();
    return;
  }
  const timer = mapGet(timers, event.id);
  if (timer === undefined) return; // cleared while this firing was on its way
  if (!timer.repeat) mapDelete(timers, event.id);
  enter(timer.callback);
};

function setTimer(delay, repeat) {
  lastTimer += 1;
  effect("timer", { id: lastTimer, delay: delay > 0 ? delay : 0, repeat });
  return lastTimer;
}

function startTimer(callback, delay, repeat) {
  if (typeof callback !== "function") refuse("the callback must be a function");
  if (mapSize(timers) >= TIMERS_MAX) refuse(`${TIMERS_MAX} timers run already, more are not allowed`);
  const id = setTimer(numberOf(delay), repeat);
  mapSet(timers, id, { callback, repeat });
  return id;
}

function clearTimer(id) {
  if (mapDelete(timers, id)) effect("clear", { id });
}

// Calls `callback` after these seconds, once. Not one of the scenario's timers; gone when the session terminates.
function later(seconds, callback) {
  const id = setTimer(seconds * 1000, false);
  mapSet(laters, id, callback);
  return id;
}

// Forgets a `later`; one that is over or unknown is no error.
function cancelLater(id) {
  if (mapDelete(laters, id)) effect("clear", { id });
}

world.setTimeout = (callback, delay) => startTimer(callback, delay, false);
world.setInterval = (callback, delay) => startTimer(callback, delay >= INTERVAL_MIN ? delay : INTERVAL_MIN, true);
world.clearTimeout = clearTimer;
world.clearInterval = clearTimer;
