// One message as an element.

import { drawBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { drawMrkdwn } from "./mrkdwn.js";
import { store } from "./store.js";

/** Return a message as an article. `grouped`: the one before is the same author's, a moment ago. */
export function drawMessage(message, { inThread = false, grouped = false } = {}) {
  const replies = inThread ? [] : store.replies(store.channel, message.ts);
  const body = message.blocks?.length
    ? drawBlocks(message.blocks, { surface: "message", channel: store.channel, ts: message.ts })
    : h("p", {}, drawMrkdwn(message.text));
  return h(
    "article",
    { class: ["message", grouped && "is-grouped"] },
    h("p", {}, h("b", {}, store.names[message.user] ?? message.user)),
    body,
    replies.length > 0 && h("button", { class: "button", type: "button", onclick: () => store.open({ thread: message.ts }) }, "View thread"),
  );
}
