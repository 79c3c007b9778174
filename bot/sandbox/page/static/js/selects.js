// Selects: a field that is typed into to search, and the list of what fits (the combobox pattern of ARIA).

import { h } from "./dom.js";
import { newId, naming } from "./ids.js";
import { makePopup } from "./popup.js";
import { sourceOf } from "./choice_sources.js";
import { plainText } from "./texts.js";

const PAUSE_MS = 150; // after a key, before the bot is asked

/** Return a select: `{node, show(choice)}`; `control` has its name, its choice, and what to do with another. */
export function drawSelect(element, control, place) {
  const source = sourceOf(element, place);
  let chosen = control.value;
  let offered = [];
  let active = -1;
  let asked = 0;
  let timer = null;

  const list = h("div", { class: "listbox", role: "listbox", id: newId(), "aria-label": "Choices", hidden: true });
  const note = h("div", { class: "popup-note", role: "status", hidden: true });
  const input = h("input", {
    class: "input combobox", id: control.id, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
    "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-controls": list.id,
    placeholder: element.placeholder ? plainText(element.placeholder) : "Choose an option",
    value: chosen?.label ?? "", data: { actionId: element.action_id }, ...naming(control),
  });
  const popup = makePopup(input, [list, note], { wide: true, onclose: closed });

  async function search(query) {
    const mine = ++asked;
    if (query.trim().length < source.least) return offer([], `Type at least ${source.least} characters.`);
    if (source.isRemote && !offered.length) offer([], "Searching…");
    input.setAttribute("aria-busy", String(source.isRemote));
    const { groups, problem } = await source.find(query);
    if (mine !== asked) return; // a later query was asked, or the list was closed: this answer is too old
    input.setAttribute("aria-busy", "false");
    offer(groups.filter((group) => group.choices.length), problem ?? "No results");
  }

  function offer(groups, otherwise) {
    offered = groups.flatMap((group) => group.choices);
    const nodes = new Map(offered.map((choice) => [choice, drawChoice(choice, choice.value === chosen?.value, choose)]));
    list.replaceChildren(...groups.flatMap((group) => drawGroup(group, nodes)));
    list.hidden = !offered.length;
    note.hidden = offered.length > 0;
    note.textContent = offered.length ? "" : otherwise;
    activate(offered.length ? Math.max(0, offered.findIndex((choice) => choice.value === chosen?.value)) : -1);
    if (popup.isOpen()) popup.place();
  }

  function activate(at) {
    active = at;
    const options = list.querySelectorAll("[role=option]");
    for (const [place, option] of options.entries()) option.classList.toggle("is-active", place === at);
    if (options[at]) input.setAttribute("aria-activedescendant", options[at].id);
    else input.removeAttribute("aria-activedescendant");
    options[at]?.scrollIntoView({ block: "nearest" });
  }

  function open() {
    if (popup.isOpen()) return;
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
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-busy", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = chosen?.label ?? "";
    offered = [];
  }

  function choose(choice) {
    const isNew = choice.value !== chosen?.value;
    chosen = choice;
    popup.close();
    input.value = choice.label;
    if (isNew) control.change(choice);
  }

  const KEYS = {
    ArrowDown: () => (popup.isOpen() ? move(1) : openAll()),
    ArrowUp: () => (popup.isOpen() ? move(-1) : openAll()),
    Enter: () => (popup.isOpen() && offered[active] ? choose(offered[active]) : openAll()),
  };
  const move = (step) => offered.length && activate((active + step + offered.length) % offered.length);

  input.addEventListener("click", openAll);
  input.addEventListener("blur", popup.close);
  input.addEventListener("input", () => {
    open();
    clearTimeout(timer);
    timer = setTimeout(search, source.isRemote ? PAUSE_MS : 0, input.value);
  });
  input.addEventListener("keydown", (event) => {
    const isClosing = event.key === "Escape" && popup.isOpen();
    if (!isClosing && !KEYS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    if (isClosing) popup.close();
    else KEYS[event.key]();
  });
  const show = (choice) => {
    chosen = choice;
    input.value = choice?.label ?? "";
  };
  return { node: h("span", { class: "select" }, input, popup.node), show };
}

function drawChoice(choice, isChosen, choose) {
  const description = choice.description && h("span", { class: "option-description" }, h("bdi", {}, choice.description));
  const keepFocus = (event) => event.preventDefault();
  const props = { class: "option", role: "option", id: newId(), "aria-selected": isChosen };
  return h("div", { ...props, onmousedown: keepFocus, onclick: () => choose(choice) }, h("bdi", {}, choice.label), description);
}

function drawGroup({ label, choices }, nodes) {
  const options = choices.map((choice) => nodes.get(choice));
  if (label === null) return options;
  const id = newId();
  return [h("div", { role: "group", "aria-labelledby": id }, h("div", { class: "option-group", id, role: "presentation" }, label), options)];
}
