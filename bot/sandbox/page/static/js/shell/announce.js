// New messages for a screen reader: politely, some at a time, and never more than two sentences.

import { replace } from "../base/dom.js";
import { store } from "../state/store.js";
import { personName } from "../state/words.js";
import { lettersOf } from "../text/mrkdwn.js";
import { asksFor } from "../timeline/unread.js";

const GATHER_MS = 900;
const LENGTH = 240;

/** Announce the new messages of what is on screen, and elsewhere those that ask for this person, in `root`. */
export function announceIn(root) {
  let waiting = [];
  let timer = null;

  store.on("fresh", ({ channel, messages }) => {
    const heard = messages.filter(
      (each) => each.user !== store.me && (isOnScreen(channel, each) || asksFor(each, store.me)),
    );
    if (heard.length === 0) return;
    waiting.push(...heard.map((message) => ({ channel, message })));
    timer ??= setTimeout(speak, GATHER_MS);
  });

  function speak() {
    const { channel, message } = waiting.at(-1);
    const where = isOnScreen(channel, message) ? "" : ` in ${store.names[channel] ?? "another channel"}`;
    const many = waiting.length > 1 ? `${waiting.length} new messages. The last ` : "";
    replace(root, `${many}${many ? "from" : "From"} ${personName(message.user)}${where}: ${plain(message.text)}`);
    waiting = [];
    timer = null;
  }
}

function isOnScreen(channel, message) {
  if (store.home || channel !== store.channel) return false;
  return (
    !message.thread_ts || message.broadcast || message.thread_ts === store.thread || message.thread_ts === message.ts
  );
}

/** Return a message's text as it is said: no marks, on one line, not too long. */
function plain(text) {
  const said = lettersOf(text).replace(/\s+/g, " ");
  return said.length > LENGTH ? `${said.slice(0, LENGTH)}…` : said;
}
