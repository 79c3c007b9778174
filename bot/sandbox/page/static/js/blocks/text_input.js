// Text fields, with a counter where their lengths begin to matter.

import { h } from "../base/dom.js";
import { naming, newId } from "../base/ids.js";
import { plainText } from "../text/texts.js";

export const LONGEST = 3000; // Slack's, for a field that names none
const NEAR = 0.8;

/** Return a text's length in characters. Slack does not say what it counts; the sandbox counts these, too. */
export function lengthOf(text) {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** Return a text field: `{node, show(text)}`. `control.commit` is called where the bot wants to know at once. */
export function drawTextInput(element, control) {
  const counter = h("span", { class: "counter", id: newId() });
  const name = naming({ ...control, describedBy: `${control.describedBy ?? ""} ${counter.id}`.trim() });
  const input = h(element.multiline ? "textarea" : "input", {
    class: "input",
    id: control.id,
    autocomplete: "off",
    data: { actionId: element.action_id },
    value: control.value,
    type: element.multiline ? null : "text",
    placeholder: element.placeholder ? plainText(element.placeholder) : null,
    ...name,
  });
  const whenTyped = element.dispatch_action_config?.trigger_actions_on?.includes("on_character_entered");
  const whenEntered = !whenTyped || element.dispatch_action_config.trigger_actions_on.includes("on_enter_pressed");
  input.addEventListener("input", () => {
    control.change(input.value);
    count();
    if (whenTyped) control.commit?.(input.value);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || element.multiline || !control.commit || !whenEntered) return;
    event.preventDefault();
    control.commit(input.value);
  });

  function count() {
    const [length, most] = [lengthOf(input.value), element.max_length ?? LONGEST];
    const isShort = length > 0 && length < (element.min_length ?? 0);
    const isFull = length > most * NEAR;
    counter.textContent = isShort
      ? `${length} of at least ${element.min_length}`
      : isFull
        ? `${length} of ${most}`
        : "";
    counter.classList.toggle("is-wrong", isShort || length > most);
  }
  count();
  const show = (text) => {
    input.value = text;
    count();
  };
  return { node: h("span", { class: "text-input" }, input, counter), show };
}
