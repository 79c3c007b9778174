// One message as an element: author, time, marks, blocks, files, and the way to its thread.

import { makeIconButton } from "../base/buttons.js";
import { h } from "../base/dom.js";
import { drawBlocks } from "../blocks/blocks.js";
import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { counted, personName } from "../state/words.js";
import { clockTime, dayName, fullMoment, shortTime } from "../text/dates.js";
import { withSigns } from "../text/emoji.js";
import { drawMrkdwn, lettersOf } from "../text/mrkdwn.js";
import { visible } from "../text/references.js";
import { drawFolded } from "../text/texts.js";
import { drawFiles } from "./files.js";
import { messageMenu } from "./message_menu.js";

const TINTS = 6;
const EXCERPT = 80;

/** Return a message as an article. `grouped`: the one before is the same author's, a moment ago. */
export function drawMessage(message, { inThread = false, grouped = false } = {}) {
  const channel = message.channel ?? store.channel;
  const replies = inThread ? [] : store.replies(channel, message.ts);
  const isMarked = message.only_you || message.broadcast || message.edited; // a mark needs the line of the author
  const isBare = grouped && !isMarked;
  const titleId = `m${inThread ? "t" : "c"}${message.ts.replace(".", "-")}`;
  return h(
    "article",
    { class: ["message", isBare && "is-grouped", message.only_you && "is-only-you"], "aria-labelledby": titleId },
    drawAvatar(message.user),
    h(
      "div",
      { class: "message-main" },
      message.only_you && onlyYou(message, channel),
      message.broadcast && !inThread && repliedTo(message, channel),
      drawHead(message, titleId, isBare),
      drawBody(message, channel),
      message.files?.length > 0 && drawFiles(message.files),
      message.broadcast && inThread && h("p", { class: "message-note" }, "Also sent to the channel"),
      replies.length > 0 && threadLink(message, replies),
    ),
    toolbar(message, channel, { inThread, hasReplies: replies.length > 0 }),
  );
}

function drawHead(message, id, isBare) {
  const date = new Date(Number(message.ts) * 1000);
  const shown = isBare ? shortTime : clockTime; // beside a text there is no room for more
  return h(
    "header",
    { class: "message-head", id },
    h("b", { class: ["author", isBare && "unseen"] }, h("bdi", {}, nameOf(message.user))),
    message.bot && h("span", { class: "app-badge" }, "APP"),
    h("time", { class: "message-time", datetime: date.toISOString(), title: fullMoment(date) }, shown(date)),
    message.edited && h("span", { class: "edited" }, "(edited)"),
  );
}

function drawBody(message, channel) {
  const place = { surface: "message", channel, ts: message.ts };
  if (message.blocks?.length) return drawBlocks(message.blocks, place);
  return message.text && drawFolded(message.text, drawMrkdwn(message.text), `${channel}/${message.ts}`);
}

function nameOf(user) {
  return visible(personName(user));
}

function drawAvatar(user, size = null) {
  const tint = [...user].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 997, 0) % TINTS;
  const [first = ""] = nameOf(user);
  return h("span", { class: ["avatar", size, `tint-${tint}`], "aria-hidden": "true" }, first.toUpperCase());
}

function onlyYou({ ts }, channel) {
  const dismiss = h(
    "button",
    { type: "button", class: "more", onclick: () => act("dismiss", { channel, ts }) },
    "Dismiss",
  );
  return h("p", { class: "message-note" }, h("span", {}, "Only visible to you"), " · ", dismiss);
}

function repliedTo({ thread_ts: parentTs }, channel) {
  const parent = store.message(channel, parentTs);
  const text = parent && excerpt(parent);
  const open = () => store.open({ channel, thread: parentTs });
  return h(
    "p",
    { class: "message-note" },
    "replied to a thread: ",
    h("button", { type: "button", class: "more", onclick: open }, text ? withSigns(text) : "View thread"),
  );
}

function excerpt(message) {
  const letters = [...lettersOf(message.text).split("\n")[0]];
  return letters.length > EXCERPT ? `${letters.slice(0, EXCERPT).join("")}…` : letters.join("");
}

function threadLink(message, replies) {
  const last = new Date(Number(replies.at(-1).ts) * 1000);
  const authors = [...new Set(replies.map((reply) => reply.user))].slice(0, 4);
  return h(
    "button",
    { type: "button", class: "thread-link", onclick: () => store.open({ thread: message.ts }) },
    authors.map((user) => drawAvatar(user, "is-small")),
    h("b", {}, counted(replies.length, "reply", "replies")),
    h("span", { class: "thread-last" }, ` Last reply ${dayName(last)} at ${clockTime(last)} · `),
    h("span", { class: "thread-view" }, "View thread"),
  );
}

function toolbar(message, channel, { inThread, hasReplies }) {
  const canReply = !inThread && !hasReplies && !message.only_you && !message.thread_ts;
  const open = () => store.open({ thread: message.ts });
  const reply = canReply && makeIconButton("reply", "Reply in thread", open, { title: "Reply in thread" });
  const menu = messageMenu(message, channel);
  return (reply || menu) && h("div", { class: "toolbar" }, reply, menu);
}
