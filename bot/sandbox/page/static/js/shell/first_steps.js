// The first steps: suggestions above the composer that fill it, or point to a button, until each was taken once.

import { makeIconButton } from "../base/buttons.js";
import { h, icon, replace } from "../base/dom.js";
import { focusComposer, keepFocus } from "../base/focus.js";
import { oncePerFrame } from "../base/soon.js";
import { keep, read } from "../state/kept.js";
import { store } from "../state/store.js";

const POINTED_MS = 4000;

/** Follow the channel on screen and show in `root` what can be done next; `reveal(key)` brings a message into view. */
export function drawHints(root, { reveal }) {
  const met = new Set(read("steps met") ?? []); // `used 1`: the step with that index

  let shown = null;

  function note(word, index) {
    if (met.has(`${word} ${index}`)) return;
    met.add(`${word} ${index}`);
    keep("steps met", [...met]);
  }

  function show() {
    const isPlace = isWritable(store.channelOf(store.channel)) && !store.home && !met.has("closed 0");
    const isDrill = ["starting", "alarm"].includes(store.drill?.phase);
    if (!isPlace || isDrill || store.steps.length === 0) return hide();
    const steps = stepsNow();
    if (steps.every(({ isDone }) => isDone)) return end();
    const state = JSON.stringify(steps);
    if (state === shown) return; // a chip that is being pressed stays the same element
    shown = state;
    const next = steps.find(({ isDone }) => !isDone);
    const cross = makeIconButton("close", "Hide the first steps", close);
    const refocus = keepFocus(root);
    root.hidden = false;
    replace(
      root,
      h(
        "ol",
        { class: "hints", "aria-label": "First steps" },
        steps.map((each) => drawStep(each, each === next)),
      ),
      cross,
    );
    refocus(root);
  }

  /**
   * Return the steps with `key`, the message that has the button, and whether each `isDone`: its line was sent or its
   * button used, and the last one's button is gone as well. Where the next step's button is not there, the one that
   * brings it is to be done again.
   */
  function stepsNow() {
    const steps = store.steps.map((step, index) => {
      const key = step.button ? findButton(step.button) : null;
      const isLast = index === store.steps.length - 1;
      return {
        step,
        index,
        key,
        isOff: Boolean(step.button) && !key,
        isDone: met.has(`used ${index}`) && !(isLast && key),
      };
    });
    const next = steps.find(({ isDone }) => !isDone);
    const source = next?.isOff && steps.findLast(({ step, index }) => !step.button && index < next.index);
    if (source) source.isDone = false;
    return steps;
  }

  function drawStep({ step, index, key, isOff, isDone }, isNext) {
    const sign = isDone ? icon("check") : h("span", { class: "hint-number", "aria-hidden": "true" }, String(index + 1));
    const said = h("span", { class: "unseen" }, isDone ? ", done" : isNext ? ", next" : "");
    const press = () => (step.line ? store.suggest(filled(step.line, key)) : point(key, step.button));
    const look = ["hint", isNext && "is-next", isDone && "is-done"];
    const words = h("span", { class: "hint-words" }, step.label);
    return h(
      "li",
      {},
      h("button", { class: look, type: "button", disabled: isOff, onclick: press }, sign, words, said),
    );
  }

  /** Show the person where a button is, and put the focus on it: pressing it stays their act. */
  function point(key, label) {
    const button = [...(reveal(key)?.querySelectorAll("button") ?? [])].find(
      (each) => each.textContent.trim() === label,
    );
    if (!button) return;
    button.focus({ preventScroll: true });
    button.classList.add("is-pointed");
    setTimeout(() => button.classList.remove("is-pointed"), POINTED_MS);
  }

  function hide() {
    root.hidden = true;
    shown = null;
    replace(root);
  }

  function end() {
    note("closed", 0);
    hide();
  }

  function close() {
    end();
    focusComposer();
  }

  document.addEventListener("click", ({ target }) => {
    const label = target.closest?.(".timeline button")?.textContent.trim();
    store.steps.forEach((step, index) => step.button && step.button === label && note("used", index));
    soon();
  });
  store.on("acted", ({ path, body }) => {
    if (path !== "/acts/slash") return;
    const verb = verbOf(body.text);
    const isTyped = ({ line, button }) => (line ? verb === verbOf(line) : verb.endsWith(` ${button.toLowerCase()}`));
    store.steps.forEach((step, index) => isTyped(step) && note("used", index));
    soon();
  });
  const soon = oncePerFrame(show);
  for (const topic of ["hello", "channels", "messages", "view", "drill"]) store.on(topic, soon);
}

function isWritable(channel) {
  return Boolean(channel?.member && channel.bot_in && !channel.archived && channel.kind !== "dm");
}

/** Return a command with its verb, as in `/session start`. */
function verbOf(line) {
  return line.trim().split(/\s+/).slice(0, 2).join(" ");
}

/** Return a line with the number of the message that it is about. */
function filled(line, key) {
  const number = key && store.message(store.channel, key)?.text.match(/#(\d+)/)?.[1];
  return line.replaceAll("{id}", number ?? "");
}

/** Return the key of the newest message in the channel that has a button of this label, or null. */
function findButton(label) {
  const has = (element) => element?.type === "button" && element.text?.text === label;
  const found = store
    .messages(store.channel)
    .findLast((message) =>
      message.blocks?.some((block) => has(block.accessory) || (block.type === "actions" && block.elements.some(has))),
    );
  return found?.key ?? null;
}
