// The buttons of the other side.

import { h } from "../base/dom.js";

/** Return a button with this label that acts; `kinds` are further classes, `is-danger` for one. */
export function makeButton(label, onclick, ...kinds) {
  return h("button", { type: "button", class: ["button", ...kinds], onclick }, label);
}
