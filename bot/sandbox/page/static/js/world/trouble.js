// Trouble: switches that stay on until they are switched off, single blows, and the clock that can be put on.

import { makeButton } from "../base/buttons.js";
import { h, replace } from "../base/dom.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";
import { DRILL_OFFER, hideDrill } from "./drill.js";
import { durationWords, everySecond, timeWords } from "./times.js";

const SERVER_KINDS = [["off", "Well"], ["slow", "Slow"], ["hang", "Hangs"], ["429", "429"], ["502", "502"]];
const SLACK_KINDS = [["off", "Well"], ["limited", "Limits messages"], ["down", "Is down"]];
const SWITCHES = [
  { what: "api", title: "The platform's API", kinds: SERVER_KINDS, timed: "slow", choices: [1, 3, 10, 30] },
  { what: "sessions", title: "The sessions' URLs", kinds: SERVER_KINDS, timed: "slow", choices: [1, 3, 10, 30] },
  { what: "slack", title: "Slack", kinds: SLACK_KINDS, timed: "limited", choices: [1, 5, 30] },
];
const CLOCK_NOTE =
  "Slack's, the platform's and the bot's at once, as when a laptop wakes up. What was due in between happens now.";
const STEPS = [[60, "1 min"], [300, "5 min"], [3600, "1 h"]];
const WORDS = {
  slow: "is slow",
  hang: "hangs",
  429: "answers 429",
  502: "answers 502",
  limited: "limits messages",
  down: "is down",
};
const NAMES = { api: "the platform's API", sessions: "every session's URL", slack: "Slack" };

/** Return what is on, in words. */
export function troubleWords(trouble) {
  if (!trouble) return [];
  const on = Object.keys(NAMES).filter((what) => trouble[what]);
  const archived = trouble.archived.map((id) => store.names[id]).filter(Boolean);
  const switched = on.map((what) => `${NAMES[what]} ${WORDS[trouble[what].kind]}`);
  return [...switched, ...archived.map((name) => `${name} is archived`)];
}

/** Make the panel of trouble and time. */
export function makeTrouble() {
  return h("div", { class: "world-panel trouble" }, SWITCHES.map(makeSwitch), makeBlows(), makeClock(), makeDrill());
}

function makeSwitch({ what, title, kinds, timed, choices }) {
  let on = "off";
  const buttons = kinds.map(([kind, label]) =>
    h("button", { type: "button", class: "choice", data: { kind }, onclick: () => send(kind) }, label),
  );
  const options = choices.map((each) => h("option", { value: each, selected: each === choices[1] }, `${each} s`));
  const seconds = h("select", { "aria-label": `${title}: seconds`, onchange: () => send(on) }, options);

  function send(kind) {
    world("trouble", { what, kind, seconds: Number(seconds.value) });
  }

  store.on("trouble", (trouble) => {
    on = trouble[what]?.kind ?? "off";
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.kind === on));
    if (trouble[what]?.seconds) seconds.value = trouble[what].seconds;
    seconds.hidden = on !== timed;
  });
  return h("fieldset", { class: "switch" }, h("legend", {}, title), h("div", { class: "choices" }, buttons), seconds);
}

function makeBlows() {
  const cut = makeButton("Cut Slack's connection", () => world("cut"));
  const archive = makeButton("", toggleChannel);
  const bot = makeButton("", () => world("bot", { kind: store.bot?.running ? "kill" : "start" }));

  function toggleChannel() {
    const channel = store.channelOf(store.channel);
    if (channel) world("archive", { channel: channel.id, archived: !channel.archived });
  }

  function draw() {
    const channel = store.channelOf(store.channel);
    archive.hidden = !channel || channel.kind === "dm";
    replace(archive, channel && `${channel.archived ? "Bring back" : "Archive"} #${channel.name}`);
    bot.hidden = !store.can.bot;
    replace(bot, store.bot?.running ? "Kill the bot" : "Start the bot");
    cut.disabled = !store.bot?.connected;
  }

  for (const topic of ["hello", "channels", "view", "bot"]) store.on(topic, draw);
  draw();
  const acts = h("div", { class: "acts" }, cut, bot, archive);
  return h("fieldset", { class: "switch" }, h("legend", {}, "Single blows"), acts);
}

function makeDrill() {
  const show = () => {
    hideDrill(false);
    document.querySelector(".drill-acts button")?.focus();
  };
  const acts = h("div", { class: "acts" }, makeButton("Show the drill", show));
  const fieldset = h("fieldset", { class: "switch" }, h("legend", {}, "Drill"), h("p", {}, DRILL_OFFER), acts);
  store.on("drill", ({ possible }) => (fieldset.hidden = !possible));
  return fieldset;
}

function makeClock() {
  const time = h("time", { class: "world-time" });
  const ahead = h("span", { class: "world-ahead" });
  const buttons = STEPS.map(([seconds, label]) =>
    makeButton(`${label} on`, (event) => putOn(seconds, event.currentTarget)),
  );
  const fieldset = h(
    "fieldset",
    { class: "switch" },
    h("legend", {}, "The clock of this world"),
    h("p", { class: "world-clock" }, time, ahead),
    h("div", { class: "acts" }, buttons),
    h("p", { class: "empty" }, CLOCK_NOTE),
  );

  async function putOn(seconds, button) {
    button.disabled = true;
    await world("clock", { seconds });
    button.disabled = false;
  }

  function draw() {
    const by = store.platform?.ahead_s ?? 0;
    replace(time, `${timeWords(store.now())} UTC`);
    replace(ahead, by > 0 ? `${durationWords(by)} ahead of this machine` : "as this machine's");
  }

  store.on("platform", draw);
  store.on("trouble", ({ clock }) => (fieldset.hidden = !clock));
  everySecond(fieldset, draw);
  return fieldset;
}
