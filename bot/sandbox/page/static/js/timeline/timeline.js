// A timeline: the messages of a channel or of a thread, with arrow keys between them and a way back to the newest.

import { h, icon, replace } from "../base/dom.js";
import { store } from "../state/store.js";
import { counted } from "../state/words.js";
import { dayName } from "../text/dates.js";
import { makeList } from "./list.js";
import { drawMessage } from "./message.js";

/** Make a timeline. `onPlace` hears whenever it shows another place; `drawStart` draws what stands above all messages. */
export function makeTimeline({ name, inThread = false, onPlace = () => {}, drawStart = () => null }) {
  const body = h("div", { class: "rows", role: "log", "aria-live": "off", "aria-label": name });
  const scroller = h("div", { class: "scroller" }, body);
  const jumpWords = h("span", {});
  const jump = h(
    "button",
    { class: "button jump", type: "button", hidden: true, onclick: toNewest },
    icon("down"),
    jumpWords,
  );
  const element = h("div", { class: ["timeline", inThread && "is-thread"] }, scroller, jump);
  let current = null; // the key of the message that Tab leads to
  let newestSeen = null;

  const list = makeList({ scroller, body, draw, deps, onPlace: onList });
  scroller.addEventListener("keydown", onKey);
  scroller.addEventListener("focusin", ({ target }) => setCurrent(target.closest(".row")?.dataset.key));

  function draw(row) {
    if (row.kind === "day") return h("h2", { class: "divider" }, h("span", {}, dayWords(row.day)));
    if (row.kind === "new")
      return h(
        "div",
        { class: "divider is-new", role: "separator", "aria-label": "New messages" },
        h("span", {}, "New"),
      );
    if (row.kind === "count") return h("h3", { class: "divider is-count" }, h("span", {}, countWords(row.count)));
    if (row.kind === "start") return drawStart();
    if (row.kind === "gone") return h("p", { class: "gone" }, "This thread is not here, or you do not see it.");
    return drawSafely(row);
  }

  /** Draw a message; one that cannot be drawn says so, and the others are not kept from being seen. */
  function drawSafely({ message, isGrouped }) {
    let article;
    try {
      article = drawMessage(message, { inThread, grouped: isGrouped });
    } catch (error) {
      reportError(error);
      article = h(
        "article",
        { class: "message is-broken" },
        h("p", {}, "This message cannot be shown here: "),
        h("pre", {}, message.text),
      );
    }
    article.tabIndex = message.key === current ? 0 : -1;
    return article;
  }

  /** Return what a row was drawn from. */
  function deps(row) {
    if (row.kind === "day") return [dayWords(row.day)];
    if (row.kind !== "message") return [row.count, store.namesVersion];
    const replies = inThread ? [] : store.replies(store.channel, row.message.ts);
    return [row.message, row.isGrouped, replies.length, replies.at(-1), store.namesVersion];
  }

  function show(rows) {
    list.setRows(rows);
  }

  function onList() {
    const isAtEnd = list.isAtEnd();
    const messages = list.rows().filter((row) => row.kind === "message");
    if (isAtEnd) newestSeen = messages.at(-1)?.key ?? null;
    jump.hidden = isAtEnd;
    const fresh = isAtEnd || newestSeen === null ? 0 : messages.filter((row) => row.key > newestSeen).length;
    replace(jumpWords, fresh ? counted(fresh, "new message") : "Jump to newest");
    settleTab(messages);
    onPlace(isAtEnd);
  }

  /** Keep exactly one message in the order of Tab: the one that had the focus last, or the newest. */
  function settleTab(messages) {
    const at = list.elementOf(current) ? current : messages.findLast((row) => list.elementOf(row.key))?.key;
    if (at && at !== current) setCurrent(at);
  }

  function setCurrent(key) {
    if (!key) return;
    const article = articleOf(key);
    if (!article) return;
    if (current !== key) articleOf(current)?.setAttribute("tabindex", "-1");
    current = key;
    article.setAttribute("tabindex", "0");
  }

  function articleOf(key) {
    return list.elementOf(key)?.querySelector("article") ?? null;
  }

  function onKey(event) {
    if (event.target.localName !== "article" || event.ctrlKey || event.metaKey || event.altKey) return;
    const messages = list.rows().filter((row) => row.kind === "message");
    const at = messages.findIndex((row) => row.key === current);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: messages.length - 1 }[event.key];
    if (to !== undefined && messages[to]) {
      event.preventDefault();
      focusOn(messages[to].key);
    } else if (event.key === "t" && !inThread && messages[at] && !messages[at].message.only_you) {
      event.preventDefault();
      store.open({ thread: messages[at].message.thread_ts ?? messages[at].message.ts });
    }
  }

  /** Bring a message into view and put the focus on it; returns whether it is here. */
  function focusOn(key) {
    const article = list.reveal(key)?.querySelector("article");
    article?.focus({ preventScroll: true });
    return Boolean(article);
  }

  function toNewest() {
    list.toEnd();
    articleOf(current)?.focus({ preventScroll: true });
  }

  return { element, show, focusOn, reveal: list.reveal, toEnd: list.toEnd, isAtEnd: list.isAtEnd, close: list.close };
}

function countWords(count) {
  return count === 0 ? "No replies yet" : counted(count, "reply", "replies");
}

/** Return the name of a day as the heading above its messages. */
function dayWords(day) {
  const name = dayName(new Date(day));
  return name[0].toUpperCase() + name.slice(1);
}
