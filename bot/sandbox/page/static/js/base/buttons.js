// Buttons: with a label, or with an icon and a name for those who do not see it.

import { h, icon } from "./dom.js";

/** Return a button with this label that acts; `kinds` are further classes, `is-danger` for one. */
export function makeButton(label, onclick, ...kinds) {
  return h("button", { type: "button", class: ["button", ...kinds], onclick }, label);
}

/** Return a quiet button with this icon and name; `props` are further attributes, `class` among them a further class. */
export function makeIconButton(sign, name, onclick, { class: kind, ...props } = {}) {
  const named = { type: "button", class: ["button is-quiet is-icon", kind], "aria-label": name, onclick };
  return h("button", { ...named, ...props }, icon(sign));
}
