// Slack's mrkdwn, drawn: code, quotes, bold, italic, strike, links, mentions, dates, emoji.
//
// Known of marks (`*`, `_`, `~`): they nest, none crosses a line, and between two letters or digits they are letters.
// Not documented is what else may stand beside one; taken here is anything but a space on its inner side. Every text
// is read once from left to right, so that a long hostile one costs no more than a long honest one.

import { h } from "../base/dom.js";
import { withEmoji, withSigns } from "./emoji.js";
import { drawLink } from "./links.js";
import { decoded, drawReference } from "./references.js";

const FENCE = "```";
const QUOTES_THE_REST = /^(?:>|&gt;){3} ?/m;
const QUOTED = /^(?:>|&gt;) ?/;
const CODE_OR_REFERENCE = "(?<!`)`(?<code>[^`\\n]+)`(?!`)|<(?<inside>[^<>\\n]+)>";
const BARE_ADDRESS = "(?<address>(?<![\\p{L}\\p{N}_])https?:\\/\\/(?:(?!&[lg]t;)[^\\s<>`|])+)";
const TRAILING = /(?:[.,;:!?)\]}'"*_~]|&amp;$)+$/;
const STYLES = { "*": "strong", _: "em", "~": "s" };
const ENDS_IN_WORD = /[\p{L}\p{N}]$/u;
const BEGINS_WITH_WORD = /^[\p{L}\p{N}]/u;

/** Return mrkdwn as nodes. `verbatim`: bare addresses stay text. */
export function drawMrkdwn(text, { verbatim = false } = {}) {
  const fragment = document.createDocumentFragment();
  const grammar = new RegExp(verbatim ? CODE_OR_REFERENCE : `${CODE_OR_REFERENCE}|${BARE_ADDRESS}`, "giu");
  drawPieces(text, fragment, grammar);
  return fragment;
}

/** Return the letters of mrkdwn as they are read, without its marks. */
export function lettersOf(text) {
  return h("span", {}, drawMrkdwn(text)).textContent.trim();
}

function drawPieces(text, parent, grammar) {
  let at = 0;
  while (at < text.length) {
    const fence = nextFence(text, at);
    const part = text.slice(at, fence?.start ?? text.length);
    const rest = QUOTES_THE_REST.exec(part);
    if (rest) {
      drawLines(part.slice(0, rest.index).replace(/\n$/, ""), parent, grammar);
      const quote = h("blockquote", { class: "quote" });
      drawPieces(text.slice(at + rest.index + rest[0].length), quote, grammar);
      parent.append(quote);
      return;
    }
    const trimmed = fence ? part.replace(/\n$/, "") : part;
    drawLines(at > 0 ? trimmed.replace(/^\n/, "") : trimmed, parent, grammar);
    if (!fence) return;
    parent.append(drawCodeBlock(fence.inside, grammar));
    at = fence.end;
  }
}

function nextFence(text, from) {
  const start = text.indexOf(FENCE, from);
  const end = start < 0 ? -1 : text.indexOf(FENCE, start + FENCE.length + 1);
  if (end < 0) return null;
  const inside = text
    .slice(start + FENCE.length, end)
    .replace(/^\n/, "")
    .replace(/\n$/, "");
  return { start, inside, end: end + FENCE.length };
}

// In code only links and mentions mean something.
function drawCodeBlock(inside, grammar) {
  const block = h("pre", { class: "code-block", tabindex: "0" });
  drawCode(inside, block, grammar);
  return block;
}

function drawCode(text, parent) {
  let at = 0;
  for (const found of text.matchAll(/<([^<>\n]+)>/g)) {
    const node = drawReference(found[1]);
    if (node === null) continue;
    parent.append(decoded(text.slice(at, found.index)), node);
    at = found.index + found[0].length;
  }
  parent.append(decoded(text.slice(at)));
}

function drawLines(text, parent, grammar) {
  if (!text) return;
  let quote = null;
  let isFirst = true;
  for (const line of text.split("\n")) {
    const mark = QUOTED.exec(line);
    if (Boolean(mark) !== Boolean(quote)) {
      quote = mark ? h("blockquote", { class: "quote" }) : null;
      if (quote) parent.append(quote);
      isFirst = true;
    }
    const into = quote ?? parent;
    if (!isFirst) appendText(into, "\n");
    isFirst = false;
    drawLine(mark ? line.slice(mark[0].length) : line, into, grammar);
  }
}

function drawLine(line, parent, grammar) {
  const parts = [...atomsOf(line, grammar)];
  const marked = [...marksOf(line, parts), ...parts].sort((one, other) => one.at - other.at);
  pairUp(marked);
  drawRange(line, marked, { first: 0, last: marked.length, from: 0, to: line.length }, "", parent);
}

// Yields what stands as a whole: code, references, bare addresses.
function* atomsOf(line, grammar) {
  for (const found of line.matchAll(grammar)) {
    const { code, inside, address } = found.groups;
    const text = address === undefined ? found[0] : address.replace(TRAILING, "");
    const node = code !== undefined ? codeNode(code) : inside !== undefined ? drawReference(inside) : bareLink(text);
    if (node !== null) yield { at: found.index, end: found.index + text.length, node };
  }
}

function codeNode(code) {
  const node = h("code", { class: "code" });
  drawCode(code, node);
  return node;
}

function bareLink(address) {
  return drawLink(decoded(address), decoded(address));
}

// Yields the marks outside of atoms, each with whether it may open or close a style.
function* marksOf(line, atoms) {
  let next = 0;
  for (const { index, 0: run } of line.matchAll(/[*_~]+/g)) {
    while (next < atoms.length && atoms[next].end <= index) next += 1;
    if (next < atoms.length && atoms[next].at <= index) continue;
    const end = index + run.length;
    const afterWord = ENDS_IN_WORD.test(line.slice(Math.max(0, index - 2), index));
    const beforeWord = BEGINS_WITH_WORD.test(line.slice(end, end + 2));
    for (let at = index; at < end; at += 1) {
      const mark = line[at];
      if (line[at - 1] === mark || line[at + 1] === mark) continue;
      const opens = !afterWord && /\S/.test(line[at + 1] ?? " ");
      const closes = !beforeWord && /\S/.test(line[at - 1] ?? " ");
      if (opens || closes) yield { at, end: at + 1, mark, opens, closes };
    }
  }
}

// Notes at every mark the place of the next one that may close it.
function pairUp(marked) {
  const closing = {};
  for (let place = marked.length - 1; place >= 0; place -= 1) {
    const one = marked[place];
    if (!one.mark) continue;
    one.closing = closing[one.mark] ?? Infinity;
    if (one.closes) closing[one.mark] = place;
  }
}

function drawRange(line, marked, { first, last, from, to }, within, parent) {
  let at = from;
  for (let place = first; place < last; place += 1) {
    const one = marked[place];
    const isStyle = one.opens && one.closing < last && !within.includes(one.mark);
    if (!one.node && !isStyle) continue;
    appendText(parent, withEmoji(decoded(line.slice(at, one.at))));
    if (one.node) {
      parent.append(one.node);
      at = one.end;
      continue;
    }
    const end = marked[one.closing];
    const styled = h(STYLES[one.mark], {});
    const inside = { first: place + 1, last: one.closing, from: one.end, to: end.at };
    drawRange(line, marked, inside, within + one.mark, styled);
    parent.append(styled);
    place = one.closing;
    at = end.end;
  }
  appendText(parent, withEmoji(decoded(line.slice(at, to))));
}

function appendText(parent, text) {
  if (!text) return;
  const [first, ...others] = withSigns(text);
  const last = parent.lastChild;
  if (typeof first === "string" && last?.nodeType === Node.TEXT_NODE) last.appendData(first);
  else parent.append(first);
  parent.append(...others);
}
