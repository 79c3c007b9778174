// Radio buttons and checkboxes, each with its description.

import { h } from "../base/dom.js";
import { naming } from "../base/ids.js";
import { drawText } from "../text/texts.js";
import { asChoice } from "./values.js";

/** Return radio buttons: `{node, show(choice)}`. */
export function drawRadioButtons(element, control) {
  const change = (option) => () => control.change(asChoice(option));
  const options = element.options.map((option) =>
    drawOption("radio", option, control, change(option), control.value?.value === option.value),
  );
  const show = (choice) => options.forEach(({ input }) => (input.checked = input.value === choice?.value));
  return { node: drawGroup("radiogroup", options, element, control), show };
}

/** Return checkboxes: `{node, show(values)}`. */
export function drawCheckboxes(element, control) {
  const change = () => control.change(options.filter(({ input }) => input.checked).map(({ input }) => input.value));
  const options = element.options.map((option) =>
    drawOption("checkbox", option, control, change, control.value.includes(option.value)),
  );
  const show = (values) => options.forEach(({ input }) => (input.checked = values.includes(input.value)));
  return { node: drawGroup("group", options, element, control), show };
}

function drawGroup(role, options, element, control) {
  const name = naming({ ...control, required: control.required && role === "radiogroup" });
  const props = { class: "boxes", role, id: control.id, data: { actionId: element.action_id } };
  return h(
    "div",
    { ...props, ...name },
    options.map(({ node }) => node),
  );
}

function drawOption(type, option, control, change, checked) {
  const input = h("input", { type, name: control.id, value: option.value, checked, onchange: change });
  const description = option.description && h("span", { class: "option-description" }, drawText(option.description));
  const node = h("label", { class: "box" }, input, h("span", {}, drawText(option.text), description));
  return { node, input };
}
