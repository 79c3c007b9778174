// Text objects of Block Kit, and the folding of long ones.

import { h } from "../base/dom.js";
import { withEmoji, withSigns } from "./emoji.js";
import { drawMrkdwn } from "./mrkdwn.js";
import { visible } from "./references.js";

// Slack folds long texts; its limits are not documented, these are the page's own.
const FOLDED_LINES = 22;
const FOLDED_LETTERS = 1800;

const unfolded = new Set();

/** Return a text object as nodes. Slack shows short names of emoji unless `emoji` is false. */
export function drawText(text) {
  return text.type === "mrkdwn" ? drawMrkdwn(text.text, { verbatim: text.verbatim }) : withSigns(plainText(text));
}

/** Return a text object as plain letters: for a label, an option, a name. */
export function plainText(text) {
  return text.emoji === false ? visible(text.text) : withEmoji(visible(text.text));
}

/** Return a text as a block of its own, folded if it is long; `key` finds it again when it is drawn anew. */
export function drawFolded(source, drawn, key) {
  const body = h("div", { class: "text" }, drawn);
  if (!isLong(source) || unfolded.has(key)) return body;
  const unfold = () => {
    unfolded.add(key);
    body.classList.remove("is-folded");
    more.remove();
  };
  const more = h("button", { type: "button", class: "more", onclick: () => (unfold(), focusText(body)) }, "Show more");
  body.classList.add("is-folded");
  body.addEventListener("focusin", unfold); // what has the focus is never out of sight
  return h("div", {}, body, more);
}

function isLong(source) {
  return source.length > FOLDED_LETTERS || source.split("\n", FOLDED_LINES + 1).length > FOLDED_LINES;
}

function focusText(body) {
  body.tabIndex = -1;
  body.focus({ preventScroll: true });
}
