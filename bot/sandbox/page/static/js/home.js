// The Home tab of the bot.

import { drawBlocks } from "./blocks.js";
import { replace } from "./dom.js";
import { store } from "./store.js";

/** Follow the Home view and show it in `root`. */
export function drawHome(root) {
  store.on("views", ({ home }) => replace(root, home && drawBlocks(home.blocks, { surface: "home", view: home.id })));
}
