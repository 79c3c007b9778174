// Short notices at the foot of the page: they are read aloud, and go away by themselves or by their button.

import { h, icon } from "./dom.js";

const SHOWN_MS = 8000;

/** Show a sentence; a `problem` is read at once, and stays until it is closed or three newer ones came. */
export function showToast(text, { kind = "note" } = {}) {
  const root = document.getElementById("toasts");
  const isProblem = kind === "problem";
  const toast = h(
    "div",
    { class: ["toast", `is-${kind}`], role: isProblem ? "alert" : "status" },
    h("p", {}, text),
    h(
      "button",
      { class: "button is-quiet is-icon", type: "button", "aria-label": "Close", onclick: () => toast.remove() },
      icon("close"),
    ),
  );
  root.append(toast);
  while (root.children.length > 3) root.firstElementChild.remove();
  if (!isProblem) setTimeout(() => toast.remove(), SHOWN_MS);
}
