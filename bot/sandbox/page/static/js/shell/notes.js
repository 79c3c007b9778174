// Notes on this world, such as where it is faster than life; a note that was closed stays closed in this browser.

import { makeIconButton } from "../base/buttons.js";
import { h, replace } from "../base/dom.js";
import { keep, read } from "../state/kept.js";
import { store } from "../state/store.js";

const CLOSED = "notes closed";

/** Follow the notes and show in `root` those that were not closed. */
export function drawNotes(root) {
  function show() {
    const closed = read(CLOSED, localStorage) ?? [];
    replace(root, store.notes.filter((note) => !closed.includes(note)).map(drawNote));
  }

  function drawNote(note) {
    return h(
      "p",
      { class: "note" },
      h("span", {}, note),
      makeIconButton("close", "Close this note", () => close(note)),
    );
  }

  function close(note) {
    const closed = (read(CLOSED, localStorage) ?? []).filter((each) => store.notes.includes(each));
    keep(CLOSED, [...closed, note], localStorage);
    show();
    root.querySelector("button")?.focus();
  }

  store.on("hello", show);
}
