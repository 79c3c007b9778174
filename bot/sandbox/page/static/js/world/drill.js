// The drill in one click, with its clock and its verdict.

import { store } from "../store.js";

/** Follow the drill and show it in `root`, a small bar at the top of the page. */
export function drawDrill(root) {
  store.on("drill", () => root.replaceChildren());
}
