// The overflow menu: a button with three dots, and its choices.

import { h, icon } from "../base/dom.js";
import { makePopup } from "../base/popup.js";
import { plainText } from "../text/texts.js";
import { press, pressable } from "./press.js";

/** Return an overflow menu. */
export function drawOverflow(element, place) {
  const button = h(
    "button",
    {
      type: "button",
      class: "button is-icon",
      "aria-label": "More options",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      data: { actionId: element.action_id },
    },
    icon("more"),
  );
  const items = element.options.map((option) =>
    drawItem(option, (value) => {
      popup.close();
      button.focus();
      press(element, place, value);
    }),
  );
  const menu = h("div", { role: "menu", "aria-label": "More options" }, items);
  const popup = makePopup(button, menu, { onclose: () => button.setAttribute("aria-expanded", "false") });
  const open = (which) => {
    popup.open();
    button.setAttribute("aria-expanded", "true");
    items.at(which).focus();
  };
  button.addEventListener("click", () => (popup.isOpen() ? popup.close() : open(0)));
  button.addEventListener("keydown", (event) => {
    const which = { ArrowDown: 0, ArrowUp: -1 }[event.key];
    if (which !== undefined) stop(event, () => open(which));
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(document.activeElement);
    const moves = { ArrowDown: (at + 1) % items.length, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key in moves) stop(event, () => items.at(moves[event.key]).focus());
    else if (event.key === "Escape") stop(event, () => (popup.close(), button.focus()));
    else if (event.key === "Tab") popup.close();
  });
  return pressable(h("span", { class: "overflow" }, button, popup.node), element, place);
}

function drawItem(option, choose) {
  const description = option.description && h("span", { class: "option-description" }, plainText(option.description));
  return h(
    "button",
    { type: "button", class: "option", role: "menuitem", tabindex: "-1", onclick: () => choose(option.value) },
    h("bdi", {}, plainText(option.text)),
    description,
  );
}

function stop(event, then) {
  event.preventDefault();
  event.stopPropagation();
  then();
}
