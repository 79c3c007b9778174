// The log, the requests and the stored values of one session. All of it is text of a scenario's: shown, never run.

import { h, replace } from "../base/dom.js";
import { counted } from "../state/words.js";
import { timeWords } from "./times.js";

/** Draw the log; one that is scrolled to its end stays there, and lines that are there already stay as they are. */
export function drawLog(panel, { log, lines_before: before }) {
  if (log.length === 0) return void replace(panel, empty("Nothing was logged."));
  const box = panel.querySelector(".log") ?? makeLog(panel);
  const [note, list] = box.children;
  const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
  const drawn = Number(list.dataset.drawn ?? 0);
  const in_all = before + log.length;
  if (drawn === in_all) return;
  const added = log.slice(Math.max(log.length - (in_all - drawn), 0));
  list.append(...added.map(drawLine));
  while (list.children.length > log.length) list.firstElementChild.remove();
  list.dataset.drawn = in_all;
  replace(note, before > 0 ? `${counted(before, "earlier line")} not shown.` : "");
  if (isAtEnd) box.scrollTop = box.scrollHeight;
}

function drawLine({ at, text }) {
  return h("li", {}, h("time", {}, timeWords(at, { withMilliseconds: true })), h("span", {}, text));
}

function makeLog(panel) {
  const box = h(
    "div",
    { class: "log", tabindex: 0, role: "log", "aria-live": "off", "aria-label": "Log of the session" },
    h("p", { class: "empty" }),
    h("ol", {}),
  );
  replace(panel, box);
  return box;
}

/** Draw the requests to the session's URL, the newest first. */
export function drawRequests(panel, { requests, requests_before: before }) {
  if (unchanged(panel, [before, requests])) return;
  if (requests.length === 0) return void replace(panel, empty("Nothing was sent to it."));
  replace(
    panel,
    h("ol", { class: "requests" }, [...requests].reverse().map(drawRequest)),
    before > 0 && empty(`${counted(before, "earlier request")} not shown.`),
  );
}

function drawRequest({ at, method, headers, body, status, answer, ms }) {
  const outcome = status === null ? "no answer yet" : `HTTP ${status} after ${ms} ms`;
  return h(
    "li",
    {},
    h(
      "p",
      { class: "request-line" },
      h("time", {}, timeWords(at)),
      ` ${method} `,
      h("b", { class: status === 200 ? "is-good" : "is-bad" }, outcome),
    ),
    h("pre", {}, body || "(an empty body)"),
    answer && [h("p", { class: "header-line" }, "Answer:"), h("pre", {}, answer)],
    headers.map(([name, value]) => h("p", { class: "header-line" }, h("span", {}, `${name}: `), value)),
  );
}

/** Draw the stored values of the session's application; those that name this session stand first and are marked. */
export function drawStored(panel, { stored, stored_in_all: count }) {
  if (unchanged(panel, [count, stored])) return;
  if (count === 0) return void replace(panel, empty("Its application stores nothing."));
  replace(
    panel,
    h("ul", { class: "stored" }, stored.map(drawPair)),
    count > stored.length && empty(`${counted(count - stored.length, "further value")} not shown.`),
  );
}

function drawPair({ key, value, expires_at: expires, own }) {
  return h(
    "li",
    { class: own ? "is-own" : null },
    h("p", { class: "pair-key" }, h("code", {}, key), own && h("span", { class: "tag" }, "of this session")),
    h("pre", {}, pretty(value)),
    h("p", { class: "header-line" }, `expires ${new Date(expires).toISOString().slice(0, 19).replace("T", " ")} UTC`),
  );
}

function pretty(value) {
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}

function unchanged(panel, content) {
  const state = JSON.stringify(content);
  if (drawnStates.get(panel) === state && panel.hasChildNodes()) return true;
  drawnStates.set(panel, state);
  return false;
}

const drawnStates = new WeakMap();

function empty(words) {
  return h("p", { class: "empty" }, words);
}
