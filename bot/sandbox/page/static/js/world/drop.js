// Scenario files that are dropped onto the page, or chosen with a button, become a rule.

import { h, icon, replace } from "../base/dom.js";
import { showToast } from "../base/toasts.js";
import { world } from "../state/api.js";
import { store } from "../state/store.js";

const BYTES_END = 128 * 1024; // the platform takes less (facts)
const ACCEPTED = ".js,.mjs,.cjs,.ts,text/javascript";

/** Watch an element for dropped files, and show that it takes them while they are dragged over it. */
export function watchDrops(target) {
  const words = h("p", {}, "Drop scenario files here: they become a rule");
  const zone = h("div", { class: "drop-zone", hidden: true }, words);
  let depth = 0;
  const show = (step) => {
    depth = Math.max(0, depth + step);
    zone.hidden = depth === 0;
  };
  const onFiles = (listener) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    listener(event);
  };
  target.append(zone);
  target.addEventListener("dragenter", onFiles(() => show(1)));
  target.addEventListener("dragleave", onFiles(() => show(-1)));
  target.addEventListener("dragover", onFiles((event) => (event.dataTransfer.dropEffect = "copy")));
  target.addEventListener("drop", onFiles((event) => (show(-depth), addFiles([...event.dataTransfer.files]))));
}

/** Return the button that asks for scenario files, for those who do not drag. */
export function scenarioButton() {
  const input = h("input", { type: "file", multiple: true, accept: ACCEPTED, hidden: true });
  input.addEventListener("change", () => {
    addFiles([...input.files]);
    input.value = "";
  });
  const ask = () => input.click();
  const button = h("button", { type: "button", class: "button", onclick: ask }, icon("file"), " Add scenarios…");
  return h("span", { class: "scenario-button" }, button, input);
}

async function addFiles(files) {
  if (files.length === 0) return;
  const read = await Promise.all(files.map(readFile));
  const problems = read.filter((each) => each.problem);
  if (problems.length > 0) {
    for (const { problem } of problems) showToast(`${problem} Nothing was added.`, { kind: "problem" });
  } else if (read.length === 1) addRule(read);
  else askOrder(read);
}

/** Return a file's name and source, or a sentence on why it cannot be a scenario. */
async function readFile(file) {
  const { name } = file;
  if (file.size >= BYTES_END) {
    const [size, end] = [file.size, BYTES_END].map((each) => each.toLocaleString("en"));
    return { problem: `${name} has ${size} bytes, and the platform takes less than ${end}.` };
  }
  try {
    const bytes = await file.arrayBuffer();
    return { name, source: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    return { problem: error instanceof TypeError ? `${name} is no text in UTF-8.` : `${name} cannot be read.` };
  }
}

async function addRule(files) {
  const answer = await world("scenarios", { files });
  if (!answer.ok) return;
  if (store.draft(store.channel)) showToast(`There is a new rule; this starts it: ${answer.line}`);
  else store.suggest(answer.line);
  store.tell("dropped", answer.rule);
}

/** Ask for the order of several files: a rule runs its scenarios one after another. */
function askOrder(files) {
  const opener = document.activeElement;
  const list = h("ol", { class: "order" });
  const move = (place, step) => {
    files.splice(place + step, 0, ...files.splice(place, 1));
    draw();
    const [up, down] = list.children[place + step].querySelectorAll("button");
    const [pressed, other] = step < 0 ? [up, down] : [down, up];
    (pressed.disabled ? other : pressed).focus();
  };
  const mover = (place, step, word) => h("button", {
    type: "button",
    class: "button is-icon",
    "aria-label": `Move ${files[place].name} ${word}`,
    disabled: place + step < 0 || place + step >= files.length,
    onclick: () => move(place, step),
  }, step < 0 ? "↑" : "↓");
  const drawFile = ({ name }, place) =>
    h("li", {}, h("bdi", {}, name), mover(place, -1, "up"), mover(place, 1, "down"));
  const draw = () => replace(list, files.map(drawFile));
  const close = () => dialog.close();
  const add = () => (close(), addRule(files));
  draw();
  const dialog = h(
    "dialog",
    { class: "order-dialog", "aria-labelledby": "order-title" },
    h("h2", { id: "order-title" }, "In which order does the rule run them?"),
    h("p", {}, "They become one rule, named after the first file."),
    list,
    h("div", { class: "order-buttons" },
      h("button", { type: "button", class: "button", onclick: close }, "Cancel"),
      h("button", { type: "button", class: "button is-primary", onclick: add }, "Add rule")),
  );
  dialog.addEventListener("close", () => (dialog.remove(), opener?.focus?.()));
  document.body.append(dialog);
  dialog.showModal();
}
