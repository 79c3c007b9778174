// A long list of which only what is seen, and a margin, is in the document. Rows have heights of their own; the place
// where the person reads stays when rows above change, and the end stays in view while the list is at its end.

import { arrange, h } from "../base/dom.js";
import { focusIn, keepFocus } from "../base/focus.js";
import { makeHeights } from "./heights.js";

const MARGIN = 700; // px drawn above and below what is seen
const END = 4; // px from the end that still count as the end
const EDGE = 8; // px between a row that was brought into view and the edge of the view
const PASSES = 6; // of drawing and measuring, until what is drawn fills the view
const RELEASES = ["pointerup", "pointercancel", "blur"];

/**
 * Make a list in a `scroller`, whose rows stand in `body`. A row is `{key, …}`; `draw(row)` returns its element,
 * `deps(row)` what it was drawn from: it is drawn anew when one of these is another. `onPlace` hears of each new place.
 */
export function makeList({ scroller, body, draw, deps, onPlace = () => {} }) {
  const heights = makeHeights();
  const drawn = new Map();
  let rows = [];
  let places = new Map();
  let isAtEnd = true;
  let anchor = null; // {key, offset}: the first row that is seen, and how much of it is hidden above
  let lost = null; // an anchor whose row went: after a reconnect it may come again with the older messages
  let set = 0; // the scrollTop that was set here, to know a scroll by the person
  let seen = { first: 0, last: -1 };
  let view = 0;
  let isPressed = false;

  const sizes = new ResizeObserver(onSizes);
  sizes.observe(scroller);
  scroller.addEventListener("scroll", onScroll, { passive: true });
  body.addEventListener("pointerdown", ({ button }) => button === 0 && setPressed(true));
  for (const end of RELEASES) addEventListener(end, onRelease);

  /** Put other rows into the list; those with a known key keep their element unless they changed. */
  function setRows(next) {
    catchUp();
    const before = rows;
    rows = next;
    places = new Map(next.map((row, index) => [row.key, index]));
    heights.setRows(next.map((row) => row.key));
    if (lost && places.has(lost.key)) [anchor, lost] = [lost, null];
    if (anchor && !places.has(anchor.key)) [anchor, lost] = [nearest(before), lost ?? anchor];
    layout();
  }

  /** Return a place for the anchor's successor: the next of the old rows that is still there. */
  function nearest(before) {
    const at = before.findIndex((row) => row.key === anchor.key);
    const next =
      before.slice(at).find((row) => places.has(row.key)) ?? before.slice(0, at).findLast((row) => places.has(row.key));
    return next ? { key: next.key, offset: 0 } : null;
  }

  function onScroll() {
    if (!catchUp()) return;
    if (isShort()) layout();
    onPlace();
  }

  /** Take the place to which the person scrolled as the one to keep; returns whether they did. */
  function catchUp() {
    const isHidden = view === 0 || scroller.clientHeight === 0; // a hidden scroller is at 0 by itself
    if (isHidden || Math.abs(scroller.scrollTop - set) < 1) return false;
    set = scroller.scrollTop;
    lost = null;
    takeAnchor();
    isAtEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - END;
    return true;
  }

  /** Draw nothing anew between press and release: a button that went meanwhile would get no click. */
  function setPressed(next) {
    const isOver = isPressed && !next;
    isPressed = next;
    if (isOver) layout();
  }

  function onRelease() {
    setTimeout(setPressed, 0, false); // after its click
  }

  /** Lay out anew when a row, or the view itself, has another height than it had when it was laid out. */
  function onSizes(entries) {
    if (scroller.clientHeight === 0) return layout(); // hidden: its rows have no heights
    catchUp();
    const isChanged = entries.map(({ target }) => {
      if (target === scroller) return scroller.clientHeight !== view;
      return target.isConnected && heights.measure(target.dataset.key, target.getBoundingClientRect().height);
    });
    if (isChanged.some(Boolean)) layout();
  }

  function takeAnchor() {
    if (rows.length === 0) return;
    const index = heights.rowAt(scroller.scrollTop);
    anchor = { key: rows[index].key, offset: scroller.scrollTop - heights.top(index) };
  }

  /** Return whether half of the margin is used up on a side where there is more. */
  function isShort() {
    const [above, below] = edges(MARGIN / 2);
    return above < seen.first || below > seen.last;
  }

  function edges(margin) {
    const top = wanted();
    return [heights.rowAt(top - margin), heights.rowAt(top + view + margin)];
  }

  /** Return the scrollTop that shows the end, or keeps the anchor where it is. */
  function wanted() {
    const most = Math.max(0, heights.total() - view);
    if (isAtEnd || anchor === null) return isAtEnd ? most : 0;
    return Math.max(0, Math.min(most, heights.top(places.get(anchor.key)) + anchor.offset));
  }

  function layout() {
    view = scroller.clientHeight;
    if (view === 0) return;
    let isChanged = true;
    for (let pass = 0; isChanged && pass < PASSES; pass += 1) {
      const [first, last] = rows.length ? edges(MARGIN) : [0, -1];
      seen = { first, last };
      show();
      isChanged = measure();
    }
    if (isChanged) show(); // what was drawn last stands, with gaps of its height
    if (Math.abs(scroller.scrollTop - wanted()) >= 0.5) scroller.scrollTop = wanted();
    set = scroller.scrollTop;
    if (anchor === null || isAtEnd) takeAnchor();
    onPlace();
  }

  function show() {
    const kept = new Set(pinned());
    for (let index = seen.first; index <= seen.last; index += 1) kept.add(index);
    const children = [];
    let next = 0;
    for (const index of [...kept].sort((one, other) => one - other)) {
      if (index > next) children.push(gap(heights.top(index) - heights.top(next)));
      children.push(elementOf(rows[index]));
      next = index + 1;
    }
    if (next < rows.length) children.push(gap(heights.total() - heights.top(next)));
    settle(children);
  }

  /** Return the rows that stay in the document wherever the list is: what has the focus, or an open menu. */
  function pinned() {
    return [...drawn.values()]
      .filter(
        ({ row, element }) =>
          places.has(row.key) && (focusIn(element) || element.querySelector('[aria-expanded="true"]')),
      )
      .map(({ row }) => places.get(row.key));
  }

  function elementOf(row) {
    const known = drawn.get(row.key);
    const from = deps(row);
    if (known && (isPressed || from.every((each, at) => each === known.from[at]))) return known.element;
    const element = h("div", { class: "row", data: { key: row.key } }, draw(row));
    if (known) exchange(known.element, element);
    drawn.set(row.key, { row, from, element });
    sizes.observe(element);
    return element;
  }

  function exchange(old, element) {
    sizes.unobserve(old);
    const refocus = keepFocus(old);
    if (old.isConnected) old.replaceWith(element);
    refocus(element);
  }

  function settle(children) {
    const kept = new Set(children);
    for (const child of [...body.children]) if (!kept.has(child)) leave(child);
    arrange(body, children);
  }

  function leave(child) {
    const had = focusIn(child);
    const neighbour = child.nextElementSibling ?? child.previousElementSibling;
    sizes.unobserve(child);
    if (drawn.get(child.dataset.key)?.element === child) drawn.delete(child.dataset.key);
    child.remove();
    if (had) neighbour?.querySelector("article")?.focus();
  }

  function measure() {
    let isChanged = false;
    for (const [key, { element }] of drawn)
      isChanged = heights.measure(key, element.getBoundingClientRect().height) || isChanged;
    return isChanged;
  }

  function toEnd() {
    isAtEnd = true;
    layout();
  }

  /** Bring a row into view, and return its element, or null if there is no such row. */
  function reveal(key) {
    if (!places.has(key)) return null;
    catchUp();
    for (let pass = 0; pass < PASSES && !isSeen(key); pass += 1) scrollTo(key); // its height is known once it is drawn
    return drawn.get(key)?.element ?? null;
  }

  function isSeen(key) {
    const [top, bottom] = edgesOf(key);
    return top >= set && (bottom <= set + view || top <= set + EDGE);
  }

  /** Put a row to the nearer edge of the view; the upper one for a row that is higher than the view. */
  function scrollTo(key) {
    const [top, bottom] = edgesOf(key);
    const isBelow = bottom > set + view && bottom - top < view - 2 * EDGE;
    isAtEnd = false;
    anchor = { key, offset: isBelow ? bottom - top - view + EDGE : -EDGE };
    layout();
  }

  function edgesOf(key) {
    const index = places.get(key);
    return [heights.top(index), heights.top(index + 1)];
  }

  function close() {
    sizes.disconnect();
    for (const end of RELEASES) removeEventListener(end, onRelease);
    scroller.removeEventListener("scroll", onScroll);
  }

  return {
    setRows,
    toEnd,
    close,
    reveal,
    isAtEnd: () => isAtEnd,
    rows: () => rows,
    elementOf: (key) => drawn.get(key)?.element ?? null,
  };
}

function gap(height) {
  const element = h("div", { class: "gap", "aria-hidden": "true" });
  element.style.height = `${height}px`;
  return element;
}
