// The panes that open and close at the sides: the channel list on a phone, and the other side of the world.

import { makeIconButton } from "../base/buttons.js";
import { h } from "../base/dom.js";
import { focusables } from "../base/focus.js";
import { addLayer } from "../base/layers.js";
import { keep, read } from "../state/kept.js";
import { store } from "../state/store.js";

const isPhone = matchMedia("(max-width: 720px)");

/** Make the channel list a drawer on a phone: while it is open, nothing behind it can be reached. */
export function makeDrawer(root, { button, behind }) {
  let leave = null;
  const shade = h("div", { class: "shade", hidden: true, onclick: close });
  root.after(shade);

  function open() {
    if (leave) return close();
    leave = addLayer(root, close, () => focusOn(button()));
    settle();
    focusables(root)
      .find((each) => each.matches('[aria-current="page"]'))
      ?.focus();
  }

  function close() {
    const left = leave;
    leave = null;
    settle();
    left?.();
  }

  function settle() {
    const isOpen = leave !== null;
    document.body.classList.toggle("has-drawer", isOpen);
    shade.hidden = !isOpen;
    root.inert = isPhone.matches && !isOpen;
    for (const each of behind) each.inert = isPhone.matches && isOpen;
    button()?.setAttribute("aria-expanded", String(isOpen));
  }

  isPhone.addEventListener("change", close);
  settle();
  return { open, close };
}

/** Make the pane of the other side: its head with a way to close it, and the place for what it shows. */
export function makeWorldPane(root, { button }) {
  const cross = makeIconButton("close", "Close the other side", close);
  const place = h("div", { class: "pane-body" });
  const words = h(
    "div",
    { class: "header-words" },
    h("h2", { class: "header-title" }, "The other side"),
    h("p", { class: "header-about" }, "The phone platform, and what can go wrong"),
  );
  root.append(h("header", { class: "pane-head" }, words, cross), place);
  let leave = null;

  function open({ quiet = false } = {}) {
    root.hidden = false;
    leave = addLayer(root, close, () => focusOn(button()));
    settle();
    if (!quiet) cross.focus();
  }

  function close() {
    const left = leave;
    leave = null;
    root.hidden = true;
    settle();
    left?.();
  }

  function settle() {
    const isOpen = leave !== null;
    keep("world", isOpen);
    document.body.classList.toggle("has-world", isOpen);
    button()?.setAttribute("aria-expanded", String(isOpen));
  }

  store.on("suggest", () => isPhone.matches && leave && close()); // there it lies over the composer
  if (read("world")) open({ quiet: true });
  return { place, toggle: () => (leave ? close() : open()), show: () => leave || open({ quiet: true }) };
}

function focusOn(element) {
  if (!element?.checkVisibility()) return false;
  element.focus();
  return true;
}
