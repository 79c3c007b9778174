// The rules of the platform with their scenarios, in the drawer: the line that starts each, and a check's verdict.

import { h, replace } from "../base/dom.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";
import { scenarioButton } from "./drop.js";

// Whether the kit that ends it is bound, or is yet to be, stands in the report: that verdict alone is neither.
const TONES = [[/^stops:/, "good"], [/^stops with the kit/, "open"], [/^(stops|cannot tell|not known)/i, "warn"]];

/** Follow the rules and show a card of each in `root`; a card whose rule did not change stays as it is. */
export function drawRules(root) {
  const list = h("ul", { class: "rules", "aria-label": "Rules" });
  const cards = new Map();
  root.append(h("div", { class: "rules-head" }, scenarioButton(), h("span", {}, "or drop files onto the page")), list);

  function draw() {
    const rules = store.scenarios?.rules ?? [];
    const ids = new Set(rules.map(({ id }) => id));
    for (const id of cards.keys()) if (!ids.has(id)) cards.delete(id);
    for (const rule of rules) {
      const state = JSON.stringify(rule);
      if (cards.get(rule.id)?.state !== state) cards.set(rule.id, { state, card: drawRule(rule) });
    }
    const wanted = rules.map(({ id }) => cards.get(id).card);
    const shown = [...list.children];
    const isSame = wanted.length === shown.length && wanted.every((card, place) => card === shown[place]);
    if (!isSame) replaceKept(list, wanted);
  }

  let dropped = null; // the id of a rule that was just added: it is brought into view

  function bringIntoView() {
    const card = cards.get(dropped)?.card;
    if (!card?.isConnected) return;
    dropped = null;
    card.scrollIntoView({ block: "nearest" });
  }

  store.on("scenarios", () => (draw(), bringIntoView()));
  store.on("dropped", (rule) => ((dropped = rule), bringIntoView()));
  store.on("hello", draw);
  draw();
}

/** Put these cards into the list; the focus stays with the button of the same name in the same rule. */
function replaceKept(list, cards) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const [id, name] = [focused?.closest("[data-rule]")?.dataset.rule, focused?.textContent];
  replace(list, cards);
  if (!focused || list.contains(document.activeElement)) return;
  const card = [...list.children].find((each) => each.dataset.rule === id);
  [...(card?.querySelectorAll("button, summary") ?? [])].find((each) => each.textContent === name)?.focus();
}

function drawRule(rule) {
  const about = ` rule ${rule.id} in ${rule.application}`;
  const names = rule.scenarios.map((name, place) => [place > 0 && " → ", h("bdi", {}, name)]);
  const scenarios = names.length === 0 ? "No scenario." : [names.length === 1 ? "Scenario: " : "Scenarios: ", names];
  const suggest = () => store.suggest(rule.line);
  return h(
    "li",
    { class: ["rule", rule.yours && "is-yours"], data: { rule: rule.id } },
    h("p", {}, h("b", {}, h("bdi", {}, rule.name)), h("span", { class: "rule-about" }, about)),
    h("p", { class: "rule-scenarios" }, scenarios),
    h(
      "div",
      { class: "rule-acts" },
      h("button", { type: "button", class: "button rule-line", onclick: suggest }, h("code", {}, rule.line)),
      checkButton(rule),
    ),
    drawVerdict(rule),
  );
}

function checkButton(rule) {
  if (!store.can.check || rule.checking || rule.scenarios.length === 0) return null;
  const label = rule.verdict === null ? "Check" : "Check again";
  return h("button", { type: "button", class: "button", onclick: () => world("check", { rule: rule.id }) }, label);
}

function drawVerdict(rule) {
  if (rule.checking) return h("p", { class: "rule-verdict", role: "status" }, "Being checked…");
  if (rule.verdict === null) {
    if (store.can.check || !rule.yours) return null;
    const command = h("code", {}, "session-bot scenario check");
    const why = "Not checked: this sandbox is served without the bot's check. Run ";
    return h("p", { class: "rule-verdict" }, why, command, " on the files.");
  }
  const [first, ...rest] = rule.verdict.split("\n");
  const tone = TONES.find(([pattern]) => pattern.test(first))?.[1] ?? "bad";
  return [
    h("p", { class: ["rule-verdict", `is-${tone}`], role: "status" }, first),
    rest.length > 0 && drawReport(rule, rest.map((line) => line.replace(/^ {2}/, "")).join("\n").trim()),
  ];
}

function drawReport(rule, text) {
  const report = h("pre", { tabindex: 0, "aria-label": `Report on ${rule.name}` }, text);
  return h("details", {}, h("summary", {}, "The whole report"), report);
}
