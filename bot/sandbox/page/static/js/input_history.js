// What a person has typed and sent in this tab, to be recalled with ↑; what is half typed is kept as the last.

import { keep, read } from "./kept.js";
import { store } from "./store.js";

const KEPT = 100; // lines of a person
const LONGEST = 10_000; // characters; what is longer is not worth a tab's storage

/** Return a walk through what was typed: `remember`, `back` and `forward`, `reset` when something else is typed. */
export function makeHistory() {
  let place = null; // the number of steps back, null outside of the history
  let half = "";

  const lines = () => read(key()) ?? [];

  function go(steps, text) {
    const typed = lines();
    if (place === null) half = text;
    const wanted = Math.max(0, (place ?? 0) + steps);
    if (wanted > typed.length || wanted === (place ?? 0)) return null;
    place = wanted === 0 ? null : wanted;
    return place === null ? half : typed[typed.length - place];
  }

  return {
    remember(text) {
      place = null;
      half = "";
      if (text.length > LONGEST) return;
      keep(key(), [...lines().filter((each) => each !== text), text].slice(-KEPT));
    },
    back: (text) => go(1, text),
    forward: (text) => (place === null ? null : go(-1, text)),
    reset() {
      place = null;
    },
    get isOpen() {
      return place !== null;
    },
  };
}

function key() {
  return `typed ${store.me}`;
}
