// The drill in one click: its call, its clock, its lines, and in words how it went.

import { makeButton, makeIconButton } from "../base/buttons.js";
import { h, replace } from "../base/dom.js";
import { world } from "../state/api.js";
import { keep, read } from "../state/kept.js";
import { store } from "../state/store.js";
import { counted } from "../state/words.js";
import { clockWords, everySecond } from "./times.js";

export const DRILL_OFFER = "Drill: 12 phone lines, 3 of them stuck. Can you stop them all?";

/** Follow the drill and show it in `root`, a small bar at the top of the page. */
export function drawDrill(root) {
  const parts = {
    clock: h("span", { class: "drill-clock", role: "timer", "aria-label": "Time since the alarm" }),
    alarm: h("p", { class: "drill-alarm" }),
    lines: h("span", { class: "drill-lines", role: "img" }),
    hint: h("p", { class: "drill-hint" }),
    words: h("ul", { class: "drill-words" }),
    acts: h("div", { class: "drill-acts" }),
  };
  const text = h("div", { class: "drill-text" }, parts.alarm, parts.lines, parts.hint);
  const bar = h(
    "section",
    { class: "drill", "aria-label": "Drill", hidden: true },
    parts.clock,
    text,
    parts.acts,
    parts.words,
  );
  const said = h("div", { class: "unseen", role: "status" });
  root.append(bar, said);
  let state = "";

  function draw() {
    const drill = store.drill;
    if (!drill) return;
    const now = JSON.stringify([drill, read("drill")]);
    if (now === state) return;
    state = now;
    bar.hidden = !goesOn(drill) && (read("drill") === drill.number || (drill.phase === "none" && !drill.possible));
    bar.dataset.phase = drill.phase;
    setText(parts.alarm, { none: DRILL_OFFER, over: "The drill is over." }[drill.phase] ?? drill.alarm);
    setText(parts.hint, drill.hint ?? "");
    parts.words.hidden = !drill.words?.length;
    replace(parts.words, (drill.words ?? []).map((each) => h("li", {}, `${each} `)));
    drawLines(parts.lines, drill.lines ?? []);
    drawActs(parts.acts, drill);
    tick();
    const news = { none: "", starting: "The drill begins." }[drill.phase] ?? [drill.alarm, ...drill.words].join(" ");
    if (said.textContent !== news) said.textContent = news;
  }

  function tick() {
    const { alarm_at: at, seconds } = store.drill ?? {};
    parts.clock.hidden = !at;
    if (at) setText(parts.clock, clockWords(seconds ?? (Date.now() - at) / 1000));
  }

  store.on("drill", draw);
  store.on("drill shown", draw);
  everySecond(bar, tick);
}

function setText(element, text) {
  element.hidden = text === "";
  if (element.textContent !== text) element.textContent = text;
}

/** Draw a mark for each line, and count them by verdict. */
function drawLines(root, lines) {
  const count = (verdict) => lines.filter((line) => line.verdict === verdict).length;
  root.hidden = lines.length === 0;
  const open = counted(count("open"), "line");
  const words = `${open} open, ${count("ended")} ended, ${count("not confirmed")} not confirmed`;
  root.setAttribute("aria-label", words);
  root.title = words;
  replace(root, lines.map(({ verdict, asked }) => h("i", { data: { verdict, asked: asked ? "" : null } })));
}

function drawActs(root, drill) {
  const start = () => world("drill", { act: "start" });
  const wanted = goesOn(drill)
    ? [makeIconButton("close", "Stop the drill", () => world("drill", { act: "stop" }))]
    : [
        drill.phase === "none" ? makeButton("Start the drill", start, "is-primary") : makeButton("Drill again", start),
        makeIconButton("close", "Close the drill", () => hideDrill(true)),
      ];
  const hadFocus = root.contains(document.activeElement);
  if (root.dataset.acts === (root.dataset.acts = `${drill.phase} ${drill.number}`)) return;
  replace(root, wanted);
  if (hadFocus) root.firstElementChild.focus();
}

function goesOn({ phase }) {
  return phase === "starting" || phase === "alarm";
}

/** Hide the bar of the drill that is over, or the offer of one, in this tab; or show it again. */
export function hideDrill(isHidden) {
  keep("drill", isHidden ? store.drill.number : null);
  store.tell("drill shown", null);
}
