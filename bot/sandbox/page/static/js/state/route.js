// Where this tab is: the person, channel and thread in the address, so that a reload, a link and two tabs work.

import { keep, read } from "./kept.js";
import { follow } from "./live.js";
import { store } from "./store.js";

let wanted = {}; // what the address asked for and could not be opened yet
let isFirst = true;
let version = null;

/** Return the address of a place as this tab's person, or as another one. */
export function linkTo({ as = store.me, channel = null, thread = null, home = false }) {
  const parts = new URLSearchParams();
  if (as) parts.set("as", as);
  if (home) parts.set("home", "1");
  else if (channel) parts.set("channel", channel);
  if (!home && thread) parts.set("thread", thread);
  return `#${parts}`;
}

/** Follow the address from now on, and the world as the person in it. */
export function startRoute() {
  wanted = readAddress();
  follow(wanted.as ?? read("as"));
  store.on("hello", () => keep("as", store.me));
  store.on("hello", reloadIfNew);
  store.on("channels", settle);
  store.on("view", writeAddress);
  addEventListener("popstate", onAddress);
}

/** Act as another person: the tab forgets what the one before saw, and stays where both may be. */
export function actAs(person) {
  wanted = { channel: store.channel, thread: store.thread, home: store.home };
  store.forget();
  store.tell("view", null);
  follow(person);
}

/** Load the page again when its server came back as another version; what was typed is kept. */
function reloadIfNew({ version: next }) {
  if (version !== null && version !== next) location.reload();
  version = next;
}

function onAddress() {
  const asked = readAddress();
  if (asked.as && asked.as !== store.me) {
    actAs(asked.as);
    wanted = asked;
  } else if (asked.home || store.channelOf(asked.channel)) {
    store.open({ channel: asked.channel ?? store.channel, thread: asked.thread ?? null, home: Boolean(asked.home) });
  }
}

/** Open what was asked for, or the first channel the bot is in; also when the channel on screen is gone. */
function settle() {
  if (store.channel && store.channelOf(store.channel)) return;
  const asked = store.channelOf(wanted.channel);
  const own = store.channels.filter((channel) => channel.member && channel.kind !== "dm");
  const first = asked ?? own.find((channel) => channel.bot_in) ?? own[0] ?? store.channels[0];
  if (!first) return;
  const { thread, home } = wanted;
  wanted = {};
  store.open({ channel: first.id, thread: asked ? (thread ?? null) : null, home: Boolean(home) });
}

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  return {
    as: parts.get("as"),
    channel: parts.get("channel"),
    thread: parts.get("thread"),
    home: parts.has("home"),
  };
}

function writeAddress() {
  if (!store.me || !store.channel) return;
  const next = linkTo({ channel: store.channel, thread: store.thread, home: store.home });
  if (next === location.hash) return;
  if (isFirst || !location.hash) history.replaceState(null, "", next);
  else history.pushState(null, "", next);
  isFirst = false;
}
