// A list that opens beside its control, over everything else on the page.

import { h } from "./dom.js";

const GAP = 4;

/**
 * Return a popup of `content` beside `control`: `{node, open(), close(), isOpen()}`. It stands below the control, or
 * above where there is more room, goes along when the page scrolls, and closes on a press elsewhere.
 */
export function makePopup(control, content, { onclose = () => {}, wide = false } = {}) {
  const node = h("div", { class: "popup", popover: "manual" }, content);
  let isOpen = false;

  const place = () => {
    if (!isOpen) return;
    if (!control.isConnected) return close();
    const at = control.getBoundingClientRect();
    const below = innerHeight - at.bottom - 2 * GAP;
    const above = at.top - 2 * GAP;
    const isBelow = below >= Math.min(node.scrollHeight, 240) || below >= above;
    node.style.maxHeight = `${Math.max(80, Math.min(320, isBelow ? below : above))}px`;
    if (wide) node.style.minWidth = `${at.width}px`;
    node.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - node.offsetWidth - GAP))}px`;
    node.style.top = `${isBelow ? at.bottom + GAP : Math.max(GAP, at.top - GAP - node.offsetHeight)}px`;
  };
  const leave = (event) => {
    if (!node.contains(event.target) && !control.contains(event.target)) close();
  };
  const follow = (event) => node.contains(event.target) || place();

  function open() {
    if (isOpen) return;
    isOpen = true;
    node.showPopover();
    place();
    addEventListener("pointerdown", leave, true);
    addEventListener("scroll", follow, true);
    addEventListener("resize", place);
  }

  function close() {
    if (!isOpen) return;
    isOpen = false;
    if (node.isConnected) node.hidePopover();
    removeEventListener("pointerdown", leave, true);
    removeEventListener("scroll", follow, true);
    removeEventListener("resize", place);
    onclose();
  }

  return { node, open, close, place, isOpen: () => isOpen };
}
