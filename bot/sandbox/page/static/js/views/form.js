// One form: a modal view as a dialog, updated in its place.
//
// A block that has not changed keeps its element, so an update takes neither the caret nor what was typed. A field
// that has changed, but has the same block id and action id, keeps its value, as Slack does.

import { makeIconButton } from "../base/buttons.js";
import { clear, h } from "../base/dom.js";
import { noteOpener } from "../base/focus.js";
import { newId } from "../base/ids.js";
import { drawBlock } from "../blocks/blocks.js";
import { focusField, isField, problemOf, showError } from "../blocks/fields.js";
import { submitted, valueOf } from "../blocks/values.js";
import { act } from "../state/api.js";
import { plainText } from "../text/texts.js";
import { makePatch } from "./patch.js";

/** Return the form of a view, in `root`: `{update(view), show(), hide(), remove()}`. */
export function makeForm(id, root) {
  const place = { surface: "modal", view: id, values: {}, errors: {}, fieldValues };
  const title = h("h2", { class: "dialog-title", id: newId() });
  const body = h("div", { class: "form-body" });
  const problem = h("p", { class: "form-problem problem", role: "alert" });
  const closing = h("button", { type: "button", class: "button", onclick: close });
  const submitting = h("button", { type: "submit", class: "button is-primary is-good" });
  const cross = makeIconButton("close", "Close", close);
  const form = h(
    "form",
    { class: "form-parts", novalidate: true, onsubmit: submit },
    h("header", { class: "form-head" }, title, cross),
    body,
    problem,
    h("footer", { class: "dialog-foot" }, closing, submitting),
  );
  const dialog = h("dialog", { class: "dialog form", "aria-labelledby": title.id }, form);
  const patch = makePatch(body, (block, index) => drawBlock(block, place, index));
  let view = null;
  let isOut = false;
  let giveBack = () => {};

  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  root.append(dialog);

  function update(next) {
    const hadFields = Boolean(body.querySelector(".field"));
    const errorsChanged = JSON.stringify(view?.errors ?? {}) !== JSON.stringify(next.errors ?? {});
    const focused = focusedField();
    view = next;
    place.errors = next.errors ?? {};
    title.textContent = wordsOf(next.title);
    closing.textContent = wordsOf(next.close) || "Close";
    submitting.textContent = wordsOf(next.submit);
    submitting.hidden = !next.submit;
    patch(next.blocks);
    body.tabIndex = body.querySelector("button, input, textarea, a") ? -1 : 0; // it scrolls, so keys must reach it
    if (errorsChanged) showErrors(place.errors);
    if (!dialog.open) return;
    if (!hadFields && body.querySelector(".field")) focusFirst();
    else if (!dialog.contains(document.activeElement)) focusAgain(focused);
  }

  async function submit(event) {
    event.preventDefault();
    if (isOut || submitting.hidden) return;
    const problems = Object.fromEntries(fields().map((block) => [block.block_id, problemOf(block, place)]));
    showErrors(problems);
    if (Object.values(problems).some(Boolean)) return;
    await send("submit", { values: fieldValues() }, submitting);
    showErrors(place.errors); // the same as before come with no frame of their own
  }

  function fields() {
    return view.blocks.filter(isField);
  }

  function fieldValues() {
    const valueIn = ({ block_id: blockId, element }) => submitted(valueOf(element, { ...place, blockId }));
    return Object.fromEntries(fields().map((block) => [block.block_id, { [block.element.action_id]: valueIn(block) }]));
  }

  function close() {
    if (!isOut) send("close", {}, closing);
  }

  async function send(name, more, button) {
    setOut(true, button);
    const answer = await act(name, { view: id, ...more }, { quiet: true });
    setOut(false, button);
    problem.textContent = answer.ok ? "" : answer.problem;
  }

  function setOut(now, button) {
    isOut = now;
    button.setAttribute("aria-busy", String(now));
    form.classList.toggle("is-out", now);
    if (now) problem.textContent = "";
  }

  function showErrors(errors) {
    let first = null;
    for (const field of body.querySelectorAll(".field")) {
      const error = errors[field.dataset.block];
      showError(field, error);
      if (error) first ??= field;
    }
    if (first && dialog.open) focusField(first);
  }

  function focusFirst() {
    const field = body.querySelector("[data-focus]") ?? body.querySelector(".field");
    if (field) focusField(field);
    else (submitting.hidden ? closing : submitting).focus();
  }

  function focusedField() {
    const at = body.contains(document.activeElement) ? document.activeElement : null;
    return at && { block: at.closest("[data-block]")?.dataset.block, action: at.dataset.actionId };
  }

  function focusAgain(focused) {
    const same = focused?.action && body.querySelector(`[data-action-id="${CSS.escape(focused.action)}"]`);
    if (same) same.focus();
    else focusFirst();
  }

  function show() {
    if (dialog.open) return;
    giveBack = noteOpener();
    dialog.showModal();
    focusFirst();
  }

  function remove() {
    dialog.close();
    clear(dialog).remove();
    giveBack();
  }

  return { update, show, hide: () => dialog.close(), remove };
}

function wordsOf(text) {
  if (!text) return "";
  return typeof text === "string" ? text : plainText(text);
}
