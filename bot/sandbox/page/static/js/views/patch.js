// Blocks in a view, changed in their place: a block that is as it was keeps its element.

import { arrange } from "../base/dom.js";

/** Return what shows the next blocks of a view in `root`; `draw(block, index)` returns a block's element. */
export function makePatch(root, draw) {
  let shown = new Map();

  return (blocks) => {
    const next = new Map();
    const nodes = blocks.map((block, index) => {
      const source = `${index} ${JSON.stringify(block)}`;
      const node = shown.get(source) ?? draw(block, index);
      next.set(source, node);
      return node;
    });
    shown = next;
    arrange(root, nodes);
  };
}
