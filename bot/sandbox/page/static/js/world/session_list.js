// The list of the platform's sessions, and the form that starts some from outside. A row is drawn when it changes.

import { makeButton } from "../base/buttons.js";
import { arrange, h, replace } from "../base/dom.js";
import { oncePerFrame } from "../base/soon.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";
import { makeDetail } from "./session_detail.js";
import { ageWords, factsOf, sessions, stateOf } from "./sessions.js";
import { everySecond } from "./times.js";

/** Make the panel of sessions: the list of all, or one of them. */
export function makeSessions() {
  const list = makeList((id) => open(id));
  const detail = makeDetail({ onBack: back });
  const panel = h("div", { class: "world-panel" }, list.element, detail.element);
  let shown = null;

  function open(id) {
    shown = id;
    list.element.hidden = true;
    detail.show(id);
  }

  function back() {
    detail.hide();
    list.element.hidden = false;
    list.focus(shown);
    shown = null;
  }

  return panel;
}

function makeList(onOpen) {
  const rows = new Map(); // by id: the row's element with what it shows
  let order = ""; // the ids of the rows as they stand
  const heard = new Set(); // the sessions that changed since the last picture
  const root = h("ul", { class: "sessions", "aria-label": "Sessions at the platform" });
  const summary = h("p", { class: "sessions-count" });
  const onlyRunning = h("input", { type: "checkbox", onchange: () => draw() });
  const filter = h("label", { class: "check" }, onlyRunning, "Only running");
  const empty = h("p", { class: "empty" }, "No session yet. Start one in Slack, or from outside above.");
  const element = h("div", {}, makeStartForm(), h("div", { class: "sessions-head" }, summary, filter), empty, root);

  function draw() {
    const all = sessions.all();
    const wanted = onlyRunning.checked ? all.filter(({ state }) => state === "running") : all;
    for (const session of wanted) if (heard.has(session.id) || !rows.has(session.id)) drawRow(session);
    if (order !== (order = wanted.map(({ id }) => id).join())) reorder(wanted.map(({ id }) => rows.get(id).element));
    heard.clear();
    const running = all.filter(({ state }) => state === "running").length;
    replace(summary, all.length ? `${running} running, ${all.length - running} ended` : "");
    empty.hidden = all.length > 0;
    filter.hidden = all.length === 0;
  }

  /** Put the rows in this order; the one with the focus keeps it, although it may have to move. */
  function reorder(elements) {
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    arrange(root, elements);
    focused?.focus({ preventScroll: true });
  }

  function drawRow(session) {
    const row = rows.get(session.id) ?? makeRow(session.id, onOpen);
    rows.set(session.id, row);
    row.show(session);
  }

  const drawSoon = oncePerFrame(() => draw());
  sessions.on((session) => {
    if (session === null) {
      rows.clear();
      order = "";
      root.replaceChildren();
    } else heard.add(session.id);
    drawSoon();
  });
  everySecond(root, () => {
    for (const session of sessions.all()) if (session.state === "running") rows.get(session.id)?.tick(session);
  });
  draw();
  return { element, focus: (id) => (rows.get(id)?.element.firstElementChild ?? root).focus() };
}

function makeRow(id, onOpen) {
  const names = ["name", "age", "facts", "data"];
  const parts = Object.fromEntries(names.map((part) => [part, h("span", { class: `session-${part}` })]));
  const button = h("button", { type: "button", class: "session", onclick: () => onOpen(id) }, Object.values(parts));
  const element = h("li", {}, button);
  return {
    element,
    tick: (session) => setText(parts.age, ageWords(session)),
    show(session) {
      button.dataset.state = stateOf(session);
      replace(parts.name, h("bdi", {}, session.rule), h("span", { class: "session-id" }, `h${session.id}`));
      setText(parts.age, ageWords(session));
      replace(parts.facts, factsOf(session).flatMap((fact, place) => [place > 0 && " · ", h("bdi", {}, fact)]));
      replace(parts.data, session.data && h("bdi", {}, session.data));
    },
  };
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Make the form that starts sessions past everybody in Slack: a call that comes in, or a back-end's start. */
function makeStartForm() {
  const rule = h("select", { id: "outside-rule" });
  const asTyped = { autocomplete: "off", spellcheck: "false" };
  const text = h("input", { type: "text", id: "outside-text", placeholder: "+15550161, or data", ...asTyped });
  const ring = () => start("ring", { number: text.value });
  const back = () => start("start", { data: text.value });

  async function start(name, body) {
    const { ok } = await world(name, { rule: rule.value, ...body });
    if (ok) text.value = "";
  }

  store.on("platform", ({ rules }) => {
    const names = rules.map(({ name }) => name);
    const chosen = names.includes(rule.value) ? rule.value : names.includes("hotline") ? "hotline" : names[0];
    replace(rule, names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
  });
  return h(
    "form",
    { class: "outside", "aria-label": "Start from outside Slack", onsubmit: (event) => event.preventDefault() },
    h("label", { for: "outside-rule" }, "Rule"),
    rule,
    h("label", { for: "outside-text" }, "Number or data"),
    text,
    h(
      "div",
      { class: "acts" },
      makeButton("Ring", ring),
      makeButton("Start from the back-end", back),
    ),
  );
}
