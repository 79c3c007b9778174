// The thread pane: a parent and its replies beside the channel, and a composer of its own.

import { makeIconButton } from "../base/buttons.js";
import { h, replace } from "../base/dom.js";
import { isTouch } from "../base/focus.js";
import { addLayer } from "../base/layers.js";
import { oncePerFrame } from "../base/soon.js";
import { makeComposer } from "../composer/composer.js";
import { store } from "../state/store.js";
import { channelTitle } from "../state/words.js";
import { threadRows } from "./rows.js";
import { makeTimeline } from "./timeline.js";

/** Follow the thread on screen and show it in `root`; `focusParent(ts)` puts the focus on its parent in the channel. */
export function drawThread(root, { focusParent }) {
  const where = h("p", { class: "header-about" });
  const close = () => store.open({ thread: null });
  const back = makeIconButton("back", "Back to the channel", close, { class: "pane-back" });
  const cross = makeIconButton("close", "Close the thread", close, { class: "pane-close" });
  const place = h("div", { class: "pane-timeline" });
  const foot = h("div", {}, makeComposer({ place: "thread" }));
  root.append(
    h(
      "header",
      { class: "pane-head" },
      back,
      h("div", { class: "header-words" }, h("h2", { class: "header-title" }, "Thread"), where),
      cross,
    ),
    place,
    foot,
  );

  let timeline = null;
  let shown = null;
  let parentTs = null;
  let leave = null;

  function show() {
    const channel = store.channelOf(store.channel);
    const isOpen = Boolean(channel && store.thread && !store.home);
    if (isOpen) showThread(channel);
    else if (shown) end();
  }

  function showThread(channel) {
    const ts = store.thread;
    const isNew = shown !== `${channel.id} ${ts}`;
    if (isNew) begin(channel, ts);
    const [parent, replies] = [store.message(channel.id, ts), store.replies(channel.id, ts)];
    const isGone = !parent && replies.length === 0;
    timeline.show(isGone ? [{ key: "gone", kind: "gone" }] : threadRows(parent, replies));
    foot.hidden = isGone || channel.archived || !channel.member;
  }

  function begin(channel, ts) {
    const hadFocus = document.activeElement !== document.body;
    timeline?.close();
    shown = `${channel.id} ${ts}`;
    parentTs = ts;
    root.hidden = false;
    document.body.classList.add("has-thread");
    leave ??= addLayer(root, close, () => focusParent(parentTs));
    timeline = makeTimeline({ name: "Messages in the thread", inThread: true });
    replace(where, channelTitle(channel));
    replace(place, timeline.element);
    if (hadFocus) focusFirst();
  }

  /** Put the focus where a person goes on: the composer, or on a phone, where a keyboard would rise, the way back. */
  function focusFirst() {
    const box = isTouch.matches ? null : foot.querySelector("textarea, input");
    (box ?? [back, cross].find((each) => each.checkVisibility()))?.focus();
  }

  function end() {
    shown = null;
    timeline.close();
    replace(place);
    root.hidden = true;
    document.body.classList.remove("has-thread");
    leave();
    leave = null;
  }

  store.on("view", show);
  const soon = oncePerFrame(show);
  for (const topic of ["names", "channels", "messages"]) store.on(topic, soon);
  store.on("fresh", ({ messages }) => {
    if (messages.some((each) => each.user === store.me && each.thread_ts === store.thread)) timeline?.toEnd();
  });
}
