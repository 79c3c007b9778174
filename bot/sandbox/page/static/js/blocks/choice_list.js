// The list under a select: what is offered, in its groups, and which of it the arrow keys have reached.

import { h } from "../base/dom.js";
import { newId } from "../base/ids.js";

/**
 * Make the list of an `input`, whose active choice is told to screen readers there: `{id, nodes, show(groups,
 * chosenValue, otherwise), move(step), active()}`. Where nothing is offered it says `otherwise`.
 */
export function makeChoiceList(input, choose) {
  const list = h("div", { role: "listbox", id: newId(), "aria-label": "Choices", hidden: true });
  const note = h("div", { class: "popup-note", role: "status", hidden: true });
  let offered = [];
  let at = -1;

  function show(groups, chosenValue, otherwise) {
    offered = groups.flatMap((group) => group.choices);
    const nodes = new Map(offered.map((choice) => [choice, drawChoice(choice, choice.value === chosenValue, choose)]));
    list.replaceChildren(...groups.flatMap((group) => drawGroup(group, nodes)));
    list.hidden = !offered.length;
    note.hidden = offered.length > 0;
    note.textContent = offered.length ? "" : otherwise;
    activate(
      offered.length
        ? Math.max(
            0,
            offered.findIndex((choice) => choice.value === chosenValue),
          )
        : -1,
    );
  }

  function activate(next) {
    at = next;
    const options = list.querySelectorAll("[role=option]");
    for (const [place, option] of options.entries()) option.classList.toggle("is-active", place === at);
    if (options[at]) input.setAttribute("aria-activedescendant", options[at].id);
    else input.removeAttribute("aria-activedescendant");
    options[at]?.scrollIntoView({ block: "nearest" });
  }

  const move = (step) => offered.length && activate((at + step + offered.length) % offered.length);
  return { id: list.id, nodes: [list, note], show, move, active: () => offered[at] ?? null };
}

function drawChoice(choice, isChosen, choose) {
  const description =
    choice.description && h("span", { class: "option-description" }, h("bdi", {}, choice.description));
  const keepFocus = (event) => event.preventDefault();
  const props = { class: "option", role: "option", id: newId(), "aria-selected": isChosen };
  return h(
    "div",
    { ...props, onmousedown: keepFocus, onclick: () => choose(choice) },
    h("bdi", {}, choice.label),
    description,
  );
}

function drawGroup({ label, choices }, nodes) {
  const options = choices.map((choice) => nodes.get(choice));
  if (label === null) return options;
  const id = newId();
  return [
    h(
      "div",
      { role: "group", "aria-labelledby": id },
      h("div", { class: "option-group", id, role: "presentation" }, label),
      options,
    ),
  ];
}
