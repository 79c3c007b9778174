// Block Kit, drawn: each block of a message, a form or the Home tab.

import { h } from "../base/dom.js";
import { drawFolded, drawText, plainText } from "../text/texts.js";
import { drawElement, drawImage } from "./elements.js";
import { drawField } from "./fields.js";
import { drawRichText, lettersOf } from "./rich_text.js";
import { cannotShow } from "./unknown.js";

const HEADINGS = { modal: "h3", home: "h2", message: "p" };

const DRAW = {
  section: drawSection,
  header: (block, { surface }) => h(HEADINGS[surface], { class: "block-header" }, drawText(block.text)),
  divider: () => h("hr", { class: "block-divider" }),
  context: (block, place) => h("div", { class: "block-context" }, drawAll(block.elements, place)),
  actions: (block, place) => h("div", { class: "block-actions" }, drawAll(block.elements, place)),
  image: (block) =>
    h("figure", { class: "block-image" }, block.title && h("figcaption", {}, plainText(block.title)), drawImage(block)),
  input: drawField,
  rich_text: (block, place) => drawFolded(lettersOf(block), drawRichText(block), foldKey(place)),
};

/**
 * Return blocks as elements. `place` says where they stand: `{surface, channel?, ts?, view?, errors?, values?}`; in
 * `values` is kept what a person chooses or types there.
 */
export function drawBlocks(blocks, place) {
  const fragment = document.createDocumentFragment();
  blocks.forEach((block, index) => fragment.append(drawBlock(block, place, index)));
  return fragment;
}

/** Return one block, the one at `index`. */
export function drawBlock(block, place, index) {
  const draw = DRAW[block.type];
  return draw ? draw(block, { ...place, blockId: block.block_id, index }) : cannotShow(block.type);
}

function drawSection(block, place) {
  const text =
    block.text && (block.expand ? h("div", { class: "text" }, drawText(block.text)) : foldedText(block.text, place));
  const fields =
    block.fields &&
    h(
      "div",
      { class: "fields" },
      block.fields.map((field) => h("div", { class: "text" }, drawText(field))),
    );
  const accessory = block.accessory && h("div", { class: "accessory" }, drawElement(block.accessory, place));
  return h(
    "div",
    { class: ["block-section", accessory && "has-accessory"] },
    h("div", { class: "section-text" }, text, fields),
    accessory,
  );
}

function foldedText(text, place) {
  return drawFolded(text.text, drawText(text), foldKey(place));
}

function foldKey({ view, channel, ts, index }) {
  return [view ?? `${channel}/${ts}`, index].join(" ");
}

function drawAll(elements, place) {
  return elements.map((element) => drawElement(element, place));
}
