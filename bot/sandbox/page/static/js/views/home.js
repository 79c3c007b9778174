// The Home tab of the bot. It is opened each time that it comes on screen: the bot publishes it then.

import { h } from "../base/dom.js";
import { keepFocus } from "../base/focus.js";
import { drawBlock } from "../blocks/blocks.js";
import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { makePatch } from "./patch.js";

/** Follow the Home view and show it in `root`. */
export function drawHome(root) {
  const empty = h("p", { class: "home-empty" });
  const body = h("div", { class: "home" });
  let place = null;
  let patch = null;
  let visitor = null; // for whom the tab on screen was opened
  root.replaceChildren(empty, body);

  function show({ home }) {
    if (home && home.id !== place?.view) {
      place = { surface: "home", view: home.id, values: {} };
      body.replaceChildren();
      patch = makePatch(body, (block, index) => drawBlock(block, place, index));
    }
    empty.hidden = Boolean(home);
    body.hidden = !home;
    empty.textContent = `${store.workspace.bot.name || "The bot"} has not published its Home tab yet.`;
    if (!home) return;
    const refocus = keepFocus(body);
    patch(home.blocks);
    refocus(body);
  }
  function visit() {
    const next = store.home ? store.me : null;
    if (next && next !== visitor) act("home");
    visitor = next;
  }

  store.on("views", show);
  store.on("view", visit);
  store.on("hello", visit);
  show(store.views);
}
