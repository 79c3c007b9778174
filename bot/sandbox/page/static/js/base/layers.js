// What lies over the page, the topmost last: Escape closes that, and the focus goes back to where it was.

import { focusComposer, focusIn } from "./focus.js";

const layers = [];

/**
 * Put a layer on top; `close` is called for Escape. Returns a function that takes it away and gives the focus back: to
 * `back()` where that can take it, else to what had it before.
 */
export function addLayer(element, close, back = () => false) {
  const layer = { close, before: document.activeElement };
  layers.push(layer);
  return () => {
    const at = layers.indexOf(layer);
    if (at < 0) return;
    layers.splice(at, 1);
    if (focusIn(element) || document.activeElement === document.body) back() || giveTo(layer.before);
  };
}

function giveTo(element) {
  const isThere = element && element !== document.body && element.isConnected && element.checkVisibility();
  if (isThere) element.focus({ preventScroll: true });
  else focusComposer();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const layer = layers.at(-1);
  if (!layer) return;
  event.preventDefault();
  layer.close();
});
