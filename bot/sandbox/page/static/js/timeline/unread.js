// What a person has not read yet, by channel; kept for the tab, as the workspace keeps no such thing.

import { keep, read } from "../state/kept.js";
import { store } from "../state/store.js";
import { isReply } from "./rows.js";

/** What was there when the tab came to this world counts as read, for every person. */
let floor = read("read from") ?? "";
let isSettling = false;

const texts = new WeakMap(); // all the words of a message, as they are searched again and again

/** Return what is unread in a channel: whether anything is, and how many messages ask for this person. */
export function unreadIn(channel) {
  if (!channel.member) return { any: false, mentions: 0 };
  const after = readUntil(channel.id);
  const fresh = newestFirst(store.messages(channel.id), after).filter((each) => each.user !== store.me);
  const own = fresh.filter((each) => channel.kind === "dm" || asksFor(each, store.me));
  return { any: fresh.some((each) => !isReply(each) || each.broadcast), mentions: own.length };
}

/** Return the `ts` until which this person has read a channel. */
export function readUntil(channelId) {
  const until = read(`read ${store.me}`)?.[channelId] ?? "";
  return until > floor ? until : floor;
}

/** Record that a channel is read up to its newest message; its listeners hear of `unread`. */
export function markRead(channelId) {
  const newest = store.messages(channelId).at(-1)?.ts;
  if (!newest || newest <= readUntil(channelId)) return;
  keep(`read ${store.me}`, { ...read(`read ${store.me}`), [channelId]: newest });
  store.tell("unread", channelId);
}

/** Return whether a message asks for a person by name, or for all. */
export function asksFor(message, person) {
  if (!texts.has(message)) texts.set(message, `${message.text} ${JSON.stringify(message.blocks ?? [])}`);
  const text = texts.get(message);
  return text.includes(`<@${person}>`) || text.includes(`<@${person}|`) || /<!(channel|here|everyone)\b/.test(text);
}

function newestFirst(messages, after) {
  const fresh = [];
  for (let at = messages.length - 1; at >= 0 && messages[at].ts > after; at -= 1) fresh.push(messages[at]);
  return fresh;
}

store.on("hello", () => {
  isSettling = floor === "";
});
store.on("messages", ({ messages }) => {
  if (!isSettling) return;
  for (const { ts } of messages) if (ts > floor) floor = ts;
  keep("read from", floor);
});
store.on("views", () => {
  isSettling = false;
});
