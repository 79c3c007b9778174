// The values of elements with a state: what the bot put there, what the person made of it, what goes into an act.
//
// A text is a string, a choice of one `{value, label}` or null, a choice of several a list of values. Those of a form
// are kept by block id and action id: a field with the same two keeps what was typed when the bot updates its form.

import { store } from "../state/store.js";
import { visible } from "../text/references.js";
import { plainText } from "../text/texts.js";

const INITIAL = {
  plain_text_input: (element) => element.initial_value ?? "",
  static_select: (element) => asChoice(element.initial_option),
  external_select: (element) => asChoice(element.initial_option),
  radio_buttons: (element) => asChoice(element.initial_option),
  users_select: (element) => named(element.initial_user),
  conversations_select: (element, place) =>
    named(
      element.initial_conversation ??
        (element.default_to_current_conversation ? (place.channel ?? store.channel) : null),
    ),
  checkboxes: (element) => (element.initial_options ?? []).map((option) => option.value),
};

/** Return the value of an element now. */
export function valueOf(element, place) {
  return place.values?.[place.blockId]?.[element.action_id] ?? INITIAL[element.type](element, place);
}

/** Keep the value that the person made. */
export function keepValue(element, place, value) {
  if (place.values) (place.values[place.blockId] ??= {})[element.action_id] = value;
}

/** Return a value as acts carry it: a string, a list of strings, or null. */
export function submitted(value) {
  if (Array.isArray(value)) return value;
  return (typeof value === "string" ? value : value?.value) || null;
}

/** Return an option as a choice, or null. */
export function asChoice(option) {
  if (!option) return null;
  const label = typeof option.text === "string" ? visible(option.text) : plainText(option.text);
  const description = option.description?.text === undefined ? option.description : plainText(option.description);
  return { value: option.value, label, description };
}

/** Return a person or channel as a choice, or null. */
export function named(id) {
  return id ? { value: id, label: visible(store.names[id] ?? id) } : null;
}
