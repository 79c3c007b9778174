// One session of the platform: its facts, what can be done to it, and its log, its requests and its stored values.

import { makeButton } from "../base/buttons.js";
import { h, icon, replace } from "../base/dom.js";
import { askConfirm } from "../blocks/confirm.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";
import { drawLog, drawRequests, drawStored } from "./session_views.js";
import { ageWords, sessions, stateOf } from "./sessions.js";
import { makeTabs } from "./tabs.js";
import { everySecond, timeWords } from "./times.js";

const VIEWS = [["Log", drawLog], ["Requests", drawRequests], ["Stored values", drawStored]];
const STATES = { running: "running", hangs: "running, but its scenario hangs" };
const ENDS = "ends at once, as from the platform's console, and its calls with it.";
const HANGS = "any more: it hears no stop, and its calls go on.";
const CRASHES = "An error that nobody catches is thrown in the scenario of";
const OVER = "It has ended: nothing more can be done to it.";
const PAUSE_MS = 300; // between two looks at a session that changes all the time

/** Make the view of one session; `show(id)` opens it. */
export function makeDetail({ onBack }) {
  const back = h("button", { type: "button", class: "button is-quiet", onclick: onBack }, icon("back"), "All sessions");
  const head = h("div", { class: "detail-head" });
  const facts = h("dl", { class: "facts" });
  const acts = h("div", { class: "acts" });
  const panels = Object.fromEntries(VIEWS.map(([name]) => [name, h("div")]));
  let found = null;
  const drawShown = () => found && VIEWS.forEach(([name, view]) => panels[name].hidden || view(panels[name], found));
  const views = VIEWS.map(([name]) => ({ name, panel: panels[name] }));
  const tabs = makeTabs("Of this session", views, { onShow: drawShown });
  const parts = [back, head, facts, acts, tabs.elements];
  const element = h("section", { class: "detail", "aria-label": "Session", hidden: true }, parts);
  const look = makeLook(() => id, (answer) => {
    found = answer;
    drawShown();
  });
  let id = null;
  let state = "";
  let drawn = ""; // what the facts are of: they stay while only the log grows, so that text in them stays selected

  function draw() {
    const session = sessions.get(id);
    if (session === null) return;
    const { lines, requests, ...shownFacts } = session;
    if (drawn === (drawn = JSON.stringify(shownFacts))) return;
    replace(head, h("h3", {}, h("bdi", {}, session.rule), h("span", { class: "session-id" }, `h${session.id}`)));
    head.dataset.state = stateOf(session);
    replace(facts, drawFacts(session));
    if (state === (state = stateOf(session)) && acts.hasChildNodes()) return;
    const hadFocus = acts.contains(document.activeElement);
    replace(acts, session.state === "running" ? drawActs(session) : h("p", { class: "empty" }, OVER));
    if (hadFocus) back.focus();
  }

  function show(shown) {
    id = shown;
    state = drawn = "";
    found = null;
    element.hidden = false;
    for (const panel of Object.values(panels)) panel.replaceChildren();
    replace(acts);
    draw();
    look();
    back.focus();
  }

  sessions.on((session) => {
    if (id === null || (session !== null && session.id !== id)) return;
    draw();
    look();
  });
  store.on("stored", () => id !== null && look());
  everySecond(element, () => {
    const session = sessions.get(id);
    if (session?.state === "running") replace(facts.querySelector(".fact-age"), ageWords(session));
  });
  return { element, show, hide: () => { id = null; element.hidden = true; } };
}

/** Make a function that asks for all that is known of a session: one question at a time, and none too soon. */
function makeLook(idOf, onFound) {
  let isUnderWay = false;
  let isWanted = false;

  async function look() {
    isWanted = true;
    if (isUnderWay) return;
    isUnderWay = true;
    while (isWanted && idOf() !== null) {
      isWanted = false;
      const id = idOf();
      const found = await world("session", { id }, { quiet: true });
      if (found.ok && id === idOf()) onFound(found);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    isUnderWay = false;
  }

  return look;
}

function drawFacts(session) {
  const facts = [
    ["State", STATES[stateOf(session)] ?? `ended: ${session.reason}`],
    ["Age", h("span", { class: "fact-age" }, ageWords(session))],
    ["Started", [`${timeWords(session.started_at)} UTC by `, h("bdi", {}, session.by)]],
    ["Data", session.data ? h("bdi", {}, session.data) : "none"],
    ["Calls", session.calls.length ? h("ul", { class: "calls" }, session.calls.map(drawCall)) : "none"],
  ];
  return facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]);
}

function drawCall({ number, direction, state, connected_at: connected }) {
  const since = state === "connected" ? `connected since ${timeWords(connected)} UTC` : state;
  return h("li", {}, direction === "in" ? "from " : "to ", h("bdi", {}, number), `, ${since}`);
}

function drawActs(session) {
  const { id } = session;
  const act = (name, label, ask) =>
    makeButton(label, async () => (await askConfirm(ask)) && world(name, { id }), "is-danger");
  const command = store.commands[0]?.word ?? "/session";
  const adopt = () => store.suggest(`${command} adopt ‹session URL› h${id}`); // the server knows the URL
  return [
    makeButton("Write the line that adopts it", adopt),
    act("end", "End", question("End this session?", `h${id} ${ENDS}`, "End it")),
    !session.hangs && act("hang", "Hang", question("Let it hang?", `Nothing runs in h${id} ${HANGS}`, "Let it hang")),
    !session.hangs && act("crash", "Crash", question("Crash this session?", `${CRASHES} h${id}.`, "Crash it")),
  ];
}

function question(title, text, yes) {
  const words = (type, each) => ({ type, text: each });
  return {
    title: words("plain_text", title),
    text: words("plain_text", text),
    confirm: words("plain_text", yes),
    deny: words("plain_text", "Leave it"),
    style: "danger",
  };
}
