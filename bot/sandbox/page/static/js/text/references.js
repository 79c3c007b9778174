// Mentions of people, channels and groups as chips, and what else stands in angle brackets in mrkdwn.

import { h } from "../base/dom.js";
import { store } from "../state/store.js";
import { drawMoment } from "./dates.js";
import { withEmoji } from "./emoji.js";
import { unescaped } from "./escapes.js";
import { drawLink } from "./links.js";

const BROADCASTS = new Set(["here", "channel", "everyone"]);

/** Return mrkdwn's letters as they are drawn. */
export function decoded(text) {
  return visible(unescaped(text));
}

/** Return a text as it is drawn: a zero character, which a browser would not draw, gets its picture. */
export function visible(text) {
  return String(text).replaceAll("\0", "␀");
}

/** Return the node for `<inside>`, or null where that means nothing: then it is text. */
export function drawReference(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? null : withEmoji(decoded(inside.slice(bar + 1)));
  if (/^@[A-Z0-9]+$/.test(target)) return drawPerson(target.slice(1), label);
  if (/^#[A-Z0-9]+$/.test(target)) return drawChannel(target.slice(1), label);
  if (target.startsWith("!")) return drawSpecial(target.slice(1), label);
  const address = decoded(target);
  return drawLink(address, label || address.replace(/^(mailto|tel):/, ""));
}

export function drawPerson(id, label = null) {
  const name = store.names[id] ?? (label ? `@${label.replace(/^@/, "")}` : `@${id}`);
  return h("span", { class: id === store.me ? "chip chip-me" : "chip" }, h("bdi", {}, visible(name)));
}

export function drawChannel(id, label = null) {
  const name = visible(store.names[id] ?? (label ? `#${label.replace(/^#/, "")}` : "a private channel"));
  if (!store.channelOf(id)) return h("span", { class: "chip" }, h("bdi", {}, name));
  const open = () => store.open({ channel: id, thread: null });
  return h("button", { type: "button", class: "chip", onclick: open }, h("bdi", {}, name));
}

export function drawGroup(id, label = null) {
  const name = store.names[id] ?? label ?? id;
  return h("span", { class: "chip" }, h("bdi", {}, `@${visible(name).replace(/^@/, "")}`));
}

export function drawBroadcast(range) {
  return h("span", { class: "chip chip-me" }, `@${visible(range)}`);
}

function drawSpecial(command, label) {
  const [name, ...parts] = command.split("^");
  if (BROADCASTS.has(name)) return drawBroadcast(name);
  if (name === "subteam" && parts.length) return drawGroup(parts[0], label);
  if (name === "date" && parts.length > 1) {
    const [seconds, template, link] = parts.map(decoded);
    return drawMoment(seconds, template, { link, fallback: label ?? "" });
  }
  return label === null ? null : h("span", {}, label);
}
