// Selects: a field that is typed into to search, and the list of what fits (the combobox pattern of ARIA).

import { h } from "../base/dom.js";
import { naming } from "../base/ids.js";
import { makePopup } from "../base/popup.js";
import { plainText } from "../text/texts.js";
import { makeChoiceList } from "./choice_list.js";
import { sourceOf } from "./choice_sources.js";

const PAUSE_MS = 150; // after a key, before the bot is asked

/** Return a select: `{node, show(choice)}`; `control` has its name, its choice, and what to do with another. */
export function drawSelect(element, control, place) {
  const source = sourceOf(element, place);
  const input = h("input", {
    class: "input combobox",
    id: control.id,
    type: "text",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-expanded": "false",
    placeholder: element.placeholder ? plainText(element.placeholder) : "Choose an option",
    data: { actionId: element.action_id },
    ...naming(control),
  });
  const list = makeChoiceList(input, choose);
  const popup = makePopup(input, list.nodes, { wide: true, onclose: closed });
  input.setAttribute("aria-controls", list.id);

  let chosen = control.value;
  let asked = 0;
  let timer = null;
  let isAsking = false; // the list does not belong to what is typed yet
  let choosesNext = false; // Enter was pressed meanwhile: it means the first of what comes

  async function search(query) {
    const mine = ++asked;
    setAsking(true);
    const { groups, problem } = query.trim().length < source.least ? tooShort() : await find(query);
    if (mine !== asked) return; // a later query was asked, or the list was closed: this answer is too old
    setAsking(false);
    list.show(
      groups.filter((group) => group.choices.length),
      chosen?.value,
      problem ?? "No results",
    );
    popup.place();
    if (choosesNext) chooseActive();
  }

  function find(query) {
    if (source.isRemote && !list.active()) list.show([], null, "Searching…");
    return source.find(query);
  }

  function tooShort() {
    return { groups: [], problem: `Type at least ${source.least} characters.` };
  }

  function setAsking(now) {
    isAsking = now;
    input.setAttribute("aria-busy", String(now && source.isRemote));
  }

  function chooseActive() {
    choosesNext = isAsking;
    if (!isAsking && list.active()) choose(list.active());
  }

  function choose(choice) {
    const isNew = choice.value !== chosen?.value;
    chosen = choice;
    popup.close();
    if (isNew) control.change(choice);
  }

  function open() {
    popup.open();
    input.setAttribute("aria-expanded", "true");
  }

  function openAll() {
    if (popup.isOpen()) return;
    open();
    input.select();
    search("");
  }

  function closed() {
    clearTimeout(timer);
    asked += 1;
    choosesNext = false;
    setAsking(false);
    list.show([], null, "");
    input.setAttribute("aria-expanded", "false");
    show(chosen);
  }

  function onType() {
    open();
    clearTimeout(timer);
    setAsking(true);
    choosesNext = false;
    if (source.isRemote) timer = setTimeout(search, PAUSE_MS, input.value);
    else search(input.value);
  }

  const KEYS = {
    ArrowDown: () => (popup.isOpen() ? list.move(1) : openAll()),
    ArrowUp: () => (popup.isOpen() ? list.move(-1) : openAll()),
    Enter: () => (popup.isOpen() ? chooseActive() : openAll()),
    Escape: () => popup.close(),
  };

  function onKey(event) {
    if (!KEYS[event.key] || (event.key === "Escape" && !popup.isOpen())) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key]();
  }

  function show(choice) {
    chosen = choice;
    input.value = choice?.label ?? "";
  }

  input.addEventListener("click", openAll);
  input.addEventListener("blur", popup.close);
  input.addEventListener("input", onType);
  input.addEventListener("keydown", onKey);
  show(chosen);
  return { node: h("span", { class: "select" }, input, popup.node), show };
}
