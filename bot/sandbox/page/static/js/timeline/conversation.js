// The conversation in the middle: the timeline of the channel on screen, and what stands under it.

import { h, replace } from "../base/dom.js";
import { oncePerFrame } from "../base/soon.js";
import { act } from "../state/api.js";
import { store } from "../state/store.js";
import { channelName, channelTitle, kindWords } from "../state/words.js";
import { channelRows } from "./rows.js";
import { makeTimeline } from "./timeline.js";
import { markRead, readUntil, unreadIn } from "./unread.js";

/** Follow the channel on screen: its timeline in `root`; `bar` stands in the composer's place where nobody can write. */
export function drawConversation(root, { bar, composer }) {
  let timeline = null;
  let shown = null; // person and channel of the timeline
  let newAfter = null; // the `ts` above which a line stands, while there is one
  let isStarted = false;

  function show() {
    const channel = store.channelOf(store.channel);
    if (!channel || store.home || !store.isLoaded(channel.id)) return;
    const place = `${store.me} ${channel.id}`;
    if (place !== shown) begin(channel, place);
    else if (newAfter === null && !isWatched()) drawLine(channel);
    const rows = channelRows(store.messages(channel.id), { newAfter, me: store.me });
    timeline.show([{ key: "start", kind: "start" }, ...rows]);
    if (!isStarted && rows.length) {
      isStarted = true;
      if (rows.some((row) => row.kind === "new")) timeline.reveal("new");
    }
    seeRead();
  }

  function begin(channel, place) {
    timeline?.close();
    shown = place;
    newAfter = null;
    drawLine(channel);
    isStarted = false;
    timeline = makeTimeline({
      name: `Messages in ${channelTitle(channel)}`,
      drawStart: () => drawStart(channel),
      onPlace: seeRead,
    });
    replace(root, timeline.element);
  }

  /** Draw the line above what this person has not read, if there is any. */
  function drawLine(channel) {
    if (unreadIn(channel).any) newAfter = readUntil(channel.id);
  }

  /** Return whether the person sees the end of the channel: then nothing that comes is new to them. */
  function isWatched() {
    return !store.home && document.visibilityState === "visible" && Boolean(timeline?.isAtEnd());
  }

  function seeRead() {
    const channel = store.channelOf(store.channel);
    if (channel?.member && isWatched()) markRead(channel.id);
  }

  function showBar() {
    const channel = store.channelOf(store.channel);
    const why = channel && whyNot(channel);
    composer.hidden = Boolean(why);
    bar.hidden = !why;
    replace(bar, why);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") newAfter = null; // a new absence, a new line
    seeRead();
  });
  const soon = oncePerFrame(show);
  for (const topic of ["names", "channels", "messages", "view"]) store.on(topic, soon);
  store.on("channels", showBar);
  store.on("view", showBar);
  store.on("fresh", ({ channel, messages }) => {
    const isOwn = messages.some(
      (each) => each.user === store.me && !each.only_you && (!each.thread_ts || each.broadcast),
    );
    if (isOwn && channel === store.channel && !store.home) timeline?.toEnd();
  });
  return { focusOn: (key) => timeline?.focusOn(key) ?? false, reveal: (key) => timeline?.reveal(key) ?? null };
}

/** Return what stands in the composer's place, or null where this person can write. */
function whyNot(channel) {
  if (channel.archived) return h("p", {}, "This channel is archived: nobody can write here.");
  if (channel.member) return null;
  return [
    h("p", {}, `You are not a member of ${channelTitle(channel)}.`),
    h(
      "button",
      { class: "button is-primary", type: "button", onclick: () => act("join", { channel: channel.id }) },
      "Join the channel",
    ),
  ];
}

function drawStart(channel) {
  const isDm = channel.kind === "dm";
  return h(
    "div",
    { class: "start" },
    h("h2", {}, isDm ? channelName(channel) : channelTitle(channel)),
    h(
      "p",
      {},
      isDm
        ? `Only you and ${channelName(channel)} read what is written here.${commandsToo()}`
        : `${kindWords(channel)}. This is where it begins.`,
    ),
  );
}

/** Return what to write to the bot, where its verbs are known. */
function commandsToo() {
  const known = store.commands.find(({ verbs }) => verbs.some(({ name }) => name === "help"));
  return known ? ` It hears commands alone: ${known.word} help lists them.` : "";
}
