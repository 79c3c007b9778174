// What is wrong with the connections: the page's own, and the bot's. Nothing is shown while both are well.

import { h, replace } from "../base/dom.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";

const PATIENCE_MS = 600; // a cut that is mended within it is shown to nobody

/** Follow the connections and show in `root` which is cut. */
export function drawBanner(root) {
  const page = makeLine(root, "is-problem");
  const bot = makeLine(root, "is-warning");
  store.on("connection", ({ open }) =>
    page(open ? null : "This page is cut off from its server. It keeps trying; what you type is kept."),
  );
  store.on("bot", (state) => bot(state.connected ? null : drawBot(state)));
}

/** Draw what is known of a bot that is not connected, with the button that starts one that ended. */
function drawBot({ running, says }) {
  if (!store.can.bot) return says;
  const start = () => world("bot", { kind: "start" });
  return [
    h("span", { class: "banner-words", tabindex: 0 }, `${store.workspace.bot.name} is not connected. ${says}`),
    running === false && h("button", { type: "button", class: "button", onclick: start }, "Start it again"),
  ];
}

/** Make a line of the banner; returns a function that sets its words, or with null takes it away. */
function makeLine(root, kind) {
  const line = h("p", { class: ["banner", kind], role: "status" });
  root.append(line);
  let timer = null;
  let isKnown = false; // a first word is shown at once, so that nothing moves later
  const set = (words) => {
    line.hidden = words === null;
    replace(line, words);
  };
  set(null);
  return (words) => {
    clearTimeout(timer);
    if (words === null || !line.hidden || !isKnown) set(words);
    else timer = setTimeout(set, PATIENCE_MS, words);
    isKnown = true;
  };
}
