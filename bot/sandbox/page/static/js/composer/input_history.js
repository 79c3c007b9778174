// What a person has typed and sent in this tab, to be recalled with ↑; what is half typed is kept as the last.

import { keep, read } from "../state/kept.js";
import { store } from "../state/store.js";

const KEPT = 100; // lines of a person
const LONGEST = 10_000; // characters of a line that is kept over a reload

const typed = new Map(); // lines by person

/** Return a walk through what was typed: `remember`, `back` and `forward`, `reset` when something else is typed. */
export function makeHistory() {
  let place = null; // the number of steps back, null outside of the history
  let half = "";

  function go(steps, text) {
    const lines = linesOf(store.me);
    if (place === null) half = text;
    const wanted = Math.max(0, (place ?? 0) + steps);
    if (wanted > lines.length || wanted === (place ?? 0)) return null;
    place = wanted === 0 ? null : wanted;
    return place === null ? half : lines[lines.length - place];
  }

  return {
    remember(text) {
      place = null;
      half = "";
      const lines = [...linesOf(store.me).filter((each) => each !== text), text].slice(-KEPT);
      typed.set(store.me, lines);
      keep(keyOf(store.me), lines.filter((each) => each.length <= LONGEST));
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

function linesOf(person) {
  if (!typed.has(person)) typed.set(person, read(keyOf(person)) ?? []);
  return typed.get(person);
}

function keyOf(person) {
  return `typed ${person}`;
}
