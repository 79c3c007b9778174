// The confirm dialog of an element: it asks before the element acts.

import { h } from "../base/dom.js";
import { noteOpener } from "../base/focus.js";
import { drawText, plainText } from "../text/texts.js";

/** Ask before an element acts; returns whether the person confirmed it. Escape and a click beside it mean no. */
export function askConfirm(confirm) {
  return new Promise((resolve) => {
    const giveBack = noteOpener();
    const isDanger = confirm.style === "danger";
    const answer = (sure) => () => dialog.close(sure ? "yes" : "no");
    // A key that is held down repeats: where something is ended, it meets the harmless button first.
    const deny = h(
      "button",
      { type: "button", class: "button", autofocus: isDanger, onclick: answer(false) },
      plainText(confirm.deny),
    );
    const yes = h(
      "button",
      {
        type: "button",
        class: ["button", "is-primary", isDanger ? "is-danger" : "is-good"],
        autofocus: !isDanger,
        onclick: answer(true),
      },
      plainText(confirm.confirm),
    );
    const dialog = h(
      "dialog",
      {
        class: "dialog confirm",
        role: "alertdialog",
        "aria-labelledby": "confirm-title",
        "aria-describedby": "confirm-text",
      },
      h(
        "div",
        { class: "confirm-body" },
        h("h2", { id: "confirm-title", class: "dialog-title" }, plainText(confirm.title)),
        h("div", { id: "confirm-text", class: "text" }, drawText(confirm.text)),
        h("div", { class: "dialog-foot" }, deny, yes),
      ),
    );
    dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close("no"));
    dialog.addEventListener("close", () => {
      dialog.remove();
      giveBack();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
