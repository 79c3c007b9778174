// Elements of blocks: buttons, images, menus, and those with a state.

import { h, icon } from "../base/dom.js";
import { safeAddress } from "../text/links.js";
import { visible } from "../text/references.js";
import { drawText, plainText } from "../text/texts.js";
import { drawActing, hasState } from "./controls.js";
import { drawOverflow } from "./overflow.js";
import { press, pressable } from "./press.js";
import { cannotShow } from "./unknown.js";

const STYLES = { primary: "is-primary is-good", danger: "is-primary is-danger" };

/** Return an element that stands in a block. */
export function drawElement(element, place) {
  if (hasState(element.type)) return drawActing(element, place);
  return (DRAW[element.type] ?? (() => cannotShow(element.type, "element")))(element, place);
}

const DRAW = {
  button: drawButton,
  overflow: drawOverflow,
  image: drawImage,
  plain_text: (text) => h("span", { class: "context-text" }, drawText(text)),
  mrkdwn: (text) => h("span", { class: "context-text" }, drawText(text)),
};

/** Return an image by its words: this page loads none. */
export function drawImage(element) {
  return h(
    "span",
    { class: "image", role: "img", "aria-label": visible(element.alt_text) },
    icon("file"),
    h("bdi", {}, visible(element.alt_text)),
  );
}

function drawButton(element, place) {
  const address = element.url && safeAddress(element.url);
  const props = {
    class: ["button", STYLES[element.style]],
    "aria-label": element.accessibility_label ?? null,
    data: { actionId: element.action_id },
    onclick: () => press(element, place),
  };
  const label = h("bdi", {}, plainText(element.text));
  const node = address
    ? h("a", { ...props, href: address, rel: "noopener noreferrer", target: "_blank" }, label)
    : h("button", { ...props, type: "button" }, label);
  return pressable(node, element, place);
}
