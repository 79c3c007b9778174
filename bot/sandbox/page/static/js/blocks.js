// Block Kit as elements.

import { h } from "./dom.js";
import { drawMrkdwn } from "./mrkdwn.js";

/** Return blocks as elements; `place` says where they stand, and what a press there acts on. */
export function drawBlocks(blocks, place) {
  const fragment = document.createDocumentFragment();
  for (const block of blocks) fragment.append(h("p", { data: { place: place.surface } }, drawMrkdwn(block.text?.text ?? "")));
  return fragment;
}
