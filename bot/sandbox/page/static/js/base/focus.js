// The focus: where it is, how it outlives an element that is drawn anew and a dialog, and moves by arrow keys.

const FOCUSABLE =
  "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]";

/** Whether fingers point here: a keyboard rises over half of the screen for a focus in a field. */
export const isTouch = matchMedia("(pointer: coarse)");

export function focusIn(element) {
  return element.contains(document.activeElement);
}

export function focusables(element) {
  return [...element.querySelectorAll(FOCUSABLE)].filter((each) => each.checkVisibility());
}

/**
 * Note where the focus is within an element that is about to be replaced; returns a function that puts it to the same
 * place of the new one. A menu that was open there is opened again, with the focus on the same item.
 */
export function keepFocus(old) {
  const active = document.activeElement;
  if (!old.contains(active)) return () => {};
  const opener = old.querySelector('[aria-expanded="true"]');
  const menu = opener?.parentElement.contains(active) ? opener.parentElement : null;
  const place = placeIn(old, menu ? opener : active);
  const item = menu ? [...menu.querySelectorAll(FOCUSABLE)].indexOf(active) : -1;
  return (element) => {
    const next = place(element) ?? element.querySelector("article");
    next?.focus({ preventScroll: true });
    if (!menu || next?.getAttribute("aria-expanded") !== "false") return;
    next.click();
    next.parentElement.querySelectorAll(FOCUSABLE)[item]?.focus({ preventScroll: true });
  };
}

/** Return how to find the like of a control in a new element: by its `data-action-id`, else by its place in the order. */
function placeIn(old, control) {
  const action = control.dataset.actionId;
  if (action)
    return (element) => [...element.querySelectorAll(FOCUSABLE)].find((each) => each.dataset.actionId === action);
  const at = [...old.querySelectorAll(FOCUSABLE)].indexOf(control);
  return (element) => element.querySelectorAll(FOCUSABLE)[at];
}

/** Put the focus into the composer of the channel, where a keyboard is at hand: on a phone one would rise. */
export function focusComposer() {
  if (isTouch.matches) return;
  document.querySelector("#composer :is(textarea, input)")?.focus({ preventScroll: true });
}

/** Note what has the focus now; returns what gives it back. */
export function noteOpener() {
  const opener = document.activeElement;
  const row = opener?.closest("[data-key]")?.dataset.key;
  const action = opener?.dataset.actionId;
  return () => {
    if (document.activeElement !== document.body) return;
    const place = row ? document.querySelector(`[data-key="${CSS.escape(row)}"]`) : document.body;
    const again = action && place?.querySelector(`[data-action-id="${CSS.escape(action)}"]`);
    const next = again ?? (row && place?.querySelector("article"));
    if (next) next.focus({ preventScroll: true });
    else focusComposer();
  };
}

/** Move the focus among the elements of a selector by the arrow keys, Home and End. */
export function moveByArrows(root, selector) {
  root.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = [...root.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const at = all.indexOf(event.target);
    const next =
      at < 0 ? null : { ArrowDown: all[at + 1], ArrowUp: all[at - 1], Home: all[0], End: all.at(-1) }[event.key];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
