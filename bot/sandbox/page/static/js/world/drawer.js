// The other side: the platform's sessions, requests and trouble.

import { replace, h } from "../dom.js";

/** Follow the platform and show it in `root`. */
export function drawWorld(root) {
  replace(root, h("h2", {}, "The other side"));
}
