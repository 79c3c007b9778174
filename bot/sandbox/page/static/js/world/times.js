// Times as words: ages, durations and the time of day, which is shown in UTC as logs have it.

/** Return a duration in seconds as `4 s`, `3 min 20 s` or `2 h 5 min`. */
export function durationWords(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Return a duration in seconds as a clock shows it, `04:09`. */
export function clockWords(seconds) {
  const whole = Math.max(Math.floor(seconds), 0);
  return `${String(Math.floor(whole / 60)).padStart(2, "0")}:${String(whole % 60).padStart(2, "0")}`;
}

/** Return the time of day of a moment in milliseconds, with these of them: `21:38:42.107`. */
export function timeWords(at, { withMilliseconds = false } = {}) {
  return new Date(at).toISOString().slice(11, withMilliseconds ? 23 : 19);
}

/** Call `tick` every second while `element` is to be seen. */
export function everySecond(element, tick) {
  setInterval(() => !document.hidden && element.checkVisibility() && tick(), 1000);
}
