// The composer, of a channel or of a thread.

import { act } from "./api.js";
import { h } from "./dom.js";
import { store } from "./store.js";

/** Make the composer of a place: `channel` or `thread`. */
export function makeComposer({ place }) {
  const box = h("textarea", { rows: 1, "aria-label": place === "thread" ? "Reply in thread" : "Message" });
  box.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    const text = box.value;
    const where = { channel: store.channel, ...(place === "thread" && { thread_ts: store.thread }) };
    const answer = await act(text.startsWith("/") ? "slash" : "say", { ...where, text });
    if (answer.ok) box.value = "";
  });
  if (place === "channel") store.on("suggest", (text) => { box.value = text; box.focus(); });
  return h("div", { class: "composer" }, box);
}
