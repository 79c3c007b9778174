// The other side: the platform's sessions, its rules, and trouble with the clock, in a drawer beside the conversation.

import { h, replace } from "../base/dom.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";
import { drawRules } from "./rules.js";
import { makeSessions } from "./session_list.js";
import { makeTabs } from "./tabs.js";
import { makeTrouble, troubleWords } from "./trouble.js";

/** Follow the other side and show it in `root`. */
export function drawWorld(root) {
  const rules = h("div", { class: "world-panel" });
  drawRules(rules);
  const tabs = makeTabs("The other side", [
    { name: "Sessions", panel: makeSessions() },
    { name: "Rules", panel: rules },
    { name: "Trouble and time", panel: makeTrouble() },
  ]);
  store.on("dropped", () => tabs.show("Rules"));
  root.classList.add("world");
  root.append(makeStrip(), ...tabs.elements.flat());
}

/** Make the strip that says which trouble is on, wherever one looks, and ends all of it. */
function makeStrip() {
  const words = h("p", { role: "status" });
  const calm = h("button", { type: "button", class: "button", onclick: () => world("calm") }, "Calm down");
  const strip = h("div", { class: "trouble-strip" }, words, calm);

  function draw() {
    const now = troubleWords(store.trouble);
    replace(words, now.length ? `Trouble: ${now.join(", ")}.` : "");
    strip.classList.toggle("is-calm", now.length === 0);
    calm.hidden = now.length === 0;
  }

  store.on("trouble", (frame) => {
    store.trouble = frame;
    draw();
  });
  draw();
  return strip;
}
