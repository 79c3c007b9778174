// Fields of a form: label, control, hint, and the error under it.

import { h } from "../base/dom.js";
import { newId } from "../base/ids.js";
import { plainText } from "../text/texts.js";
import { drawInField, hasState } from "./controls.js";
import { lengthOf, LONGEST } from "./text_input.js";
import { cannotShow } from "./unknown.js";
import { submitted, valueOf } from "./values.js";

const GROUPS = new Set(["radio_buttons", "checkboxes"]);

/** Return an `input` block as a field. */
export function drawField(block, place) {
  const { element, optional = false } = block;
  if (!hasState(element.type)) return h("div", {}, plainText(block.label), cannotShow(element.type, "element"));
  const [id, labelId, noteId] = [newId(), newId(), newId()];
  const isGroup = GROUPS.has(element.type);
  const label = [plainText(block.label), optional && h("span", { class: "optional" }, " (optional)")];
  const field = h("div", { class: "field", data: { block: block.block_id } });
  const control = drawInField(element, place, {
    id,
    labelledBy: labelId,
    describedBy: noteId,
    required: !optional,
    dispatches: block.dispatch_action,
    onchange: () => showError(field, null),
  });
  field.append(
    h(isGroup ? "span" : "label", { class: "label", id: labelId, for: isGroup ? null : id }, label),
    control,
    h(
      "div",
      { id: noteId },
      h("div", { class: "field-error" }),
      block.hint && h("div", { class: "field-hint" }, plainText(block.hint)),
    ),
  );
  if (element.focus_on_load) field.dataset.focus = "";
  showError(field, place.errors?.[block.block_id]);
  return field;
}

/** Return whether a block is a field that is drawn here. */
export function isField(block) {
  return block.type === "input" && hasState(block.element.type);
}

/** Show an error under a field, or remove it. */
export function showError(field, error) {
  const [place, control] = [field.querySelector(".field-error"), controlOf(field)];
  field.classList.toggle("has-error", Boolean(error));
  place.textContent = error ?? "";
  if (error) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
}

/** Put the focus into a field. */
export function focusField(field) {
  const control = controlOf(field);
  (control.querySelector("input:checked, input") ?? control).focus();
}

/** Return why Slack's own form would not be submitted with this field, or null. */
export function problemOf(block, place) {
  const { element } = block;
  const value = submitted(valueOf(element, { ...place, blockId: block.block_id }));
  const isEmpty = value === null || value.length === 0;
  if (isEmpty) return block.optional ? null : "This field is required.";
  if (element.type !== "plain_text_input") return null;
  const [length, least, most] = [lengthOf(value), element.min_length ?? 0, element.max_length ?? LONGEST];
  if (length < least) return `Type at least ${least} characters; there are ${length}.`;
  return length > most ? `Type at most ${most} characters; there are ${length}.` : null;
}

function controlOf(field) {
  return field.querySelector("[data-action-id]");
}
