// Elements with a state, alone or as a field of a form.

import { newId } from "../base/ids.js";
import { plainText } from "../text/texts.js";
import { drawCheckboxes, drawRadioButtons } from "./choices.js";
import { press, pressable } from "./press.js";
import { drawSelect } from "./selects.js";
import { drawTextInput } from "./text_input.js";
import { keepValue, submitted, valueOf } from "./values.js";

const DRAW = {
  static_select: drawSelect,
  external_select: drawSelect,
  users_select: drawSelect,
  conversations_select: drawSelect,
  radio_buttons: drawRadioButtons,
  checkboxes: drawCheckboxes,
  plain_text_input: drawTextInput,
};

const NAMES = {
  radio_buttons: "Choose one",
  checkboxes: "Choose any",
  users_select: "Choose a person",
  conversations_select: "Choose a channel",
};

/** Return whether elements of this type have a state that is drawn here. */
export const hasState = (type) => Object.hasOwn(DRAW, type);

/** Return an element outside of a field: a choice there acts at once. */
export function drawActing(element, place) {
  const label = element.placeholder ? plainText(element.placeholder) : (NAMES[element.type] ?? "Choose an option");
  let before = valueOf(element, place);
  const change = async (value) => {
    keepValue(element, place, value);
    if (await press(element, place, submitted(value))) {
      before = value;
      return;
    }
    keepValue(element, place, before); // it was not confirmed, or did not go through
    show(before);
  };
  const { node, show } = DRAW[element.type](element, { id: newId(), label, value: before, change }, place);
  const frame = pressable(node, element, place);
  if (element.focus_on_load) frame.dataset.focus = "";
  return frame;
}

/** Return an element in a field of a form: its value is kept until the form is submitted. */
export function drawInField(element, place, { dispatches, onchange, ...control }) {
  const tell = (value) => press(element, place, submitted(value));
  const isText = element.type === "plain_text_input";
  const change = (value) => {
    keepValue(element, place, value);
    onchange();
    if (dispatches && !isText) tell(value);
  };
  const { node } = DRAW[element.type](
    element,
    { ...control, value: valueOf(element, place), change, commit: dispatches ? tell : null },
    place,
  );
  return pressable(node, element, place);
}
