// Presses: what a person does to an element of the bot's, from its confirm dialog to the end of the act.
//
// While the act is out its element shows a spinner; a problem stands next to it. Both are kept by the element's place,
// so that they are there as well when the message is drawn anew, or drawn twice, in its channel and in its thread.

import { h } from "../base/dom.js";
import { showToast } from "../base/toasts.js";
import { act } from "../state/api.js";
import { askConfirm } from "./confirm.js";

const states = new Map();

/** Return an element's node in a frame that shows its spinner and its problem. */
export function pressable(node, element, place) {
  const key = keyOf(element, place);
  const frame = h("span", { class: "pressable", data: { press: key } }, node);
  paint(frame, states.get(key));
  return frame;
}

/** Press an element, after asking where it has a confirm dialog; returns whether the act went well. */
export async function press(element, place, value) {
  const key = keyOf(element, place);
  if (states.get(key)?.busy) return false;
  if (element.confirm && !(await askConfirm(element.confirm))) return false;
  setState(key, { busy: true });
  const answer = await act("press", bodyOf(element, place, value), { quiet: true });
  setState(key, answer.ok ? null : { problem: answer.problem });
  return answer.ok;
}

/**
 * Return the place of an element for an act: the view, or the channel and message, with both ids. In a form its fields
 * go along as they are now: the bot is told of them with every press.
 */
export function bodyOf(element, place, value) {
  const { view, channel, ts, blockId, fieldValues } = place;
  const body = { ...(view ? { view } : { channel, ts }), block_id: blockId, action_id: element.action_id };
  return { ...body, ...(value === undefined ? {} : { value }), ...(fieldValues ? { values: fieldValues() } : {}) };
}

function keyOf(element, { view, channel, ts, blockId }) {
  return [view ?? `${channel}/${ts}`, blockId, element.action_id].join(" ");
}

function setState(key, state) {
  if (state) states.set(key, state);
  else states.delete(key);
  const frames = document.querySelectorAll(`[data-press="${CSS.escape(key)}"]`);
  for (const frame of frames) paint(frame, state);
  if (state?.problem && !frames.length) showToast(state.problem, { kind: "problem" });
}

function paint(frame, state) {
  const isBusy = Boolean(state?.busy);
  frame.classList.toggle("is-busy", isBusy);
  frame.firstElementChild.setAttribute("aria-busy", String(isBusy));
  frame.querySelector(":scope > .problem")?.remove();
  if (state?.problem) frame.append(h("span", { class: "problem", role: "alert" }, state.problem));
}
