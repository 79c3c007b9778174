// Short notices over the page: they are read aloud, and go away by themselves or by their button.

import { makeIconButton } from "./buttons.js";
import { h } from "./dom.js";

const SHOWN_MS = 8000;
const MOST = 3;

/** Show a sentence; a `problem` is read at once, and stays until it is closed or three newer ones came. */
export function showToast(text, { kind = "note" } = {}) {
  const isProblem = kind === "problem";
  const toast = h(
    "div",
    { class: ["toast", `is-${kind}`], role: isProblem ? "alert" : "status" },
    h("p", {}, text),
    makeIconButton("close", "Close", () => toast.remove()),
  );
  const root = topmost();
  root.append(toast);
  while (root.children.length > MOST) root.firstElementChild.remove();
  if (!isProblem) setTimeout(() => toast.remove(), SHOWN_MS);
}

/** Return the place for notices: in the dialog that lies over the page, if there is one, as all else is inert. */
function topmost() {
  const ground = document.getElementById("toasts");
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (!dialog) return ground;
  const known = dialog.querySelector(":scope > .toasts");
  if (known) return known;
  const root = dialog.appendChild(h("div", { class: "toasts" }));
  dialog.addEventListener("close", () => (ground.append(...root.children), root.remove()), { once: true });
  return root;
}
