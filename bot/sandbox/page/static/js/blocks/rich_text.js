// Rich text: what a person typed, as Slack's composer writes it into `rich_text` blocks.

import { h } from "../base/dom.js";
import { drawMoment } from "../text/dates.js";
import { emojiCharacter, withSigns } from "../text/emoji.js";
import { drawLink } from "../text/links.js";
import { drawBroadcast, drawChannel, drawGroup, drawPerson, visible } from "../text/references.js";
import { cannotShow } from "./unknown.js";

const STYLES = [
  ["code", "code"],
  ["bold", "strong"],
  ["italic", "em"],
  ["strike", "s"],
  ["underline", "u"],
];

const PARTS = {
  text: (part) => withSigns(visible(part.text)),
  link: (part) => drawLink(part.url, visible(part.text ?? part.url)) ?? visible(part.text ?? part.url),
  user: (part) => drawPerson(part.user_id),
  channel: (part) => drawChannel(part.channel_id),
  usergroup: (part) => drawGroup(part.usergroup_id),
  broadcast: (part) => drawBroadcast(part.range),
  emoji: (part) => withSigns(emojiCharacter(part.name) ?? `:${visible(part.name)}:`),
  date: (part) => drawMoment(part.timestamp, part.format, { link: part.url, fallback: visible(part.fallback ?? "") }),
  color: (part) => visible(part.value),
};

const ELEMENTS = {
  rich_text_section: (element) => h("div", {}, element.elements.map(drawPart)),
  rich_text_preformatted: (element) => h("pre", { class: "code-block", tabindex: "0" }, element.elements.map(drawPart)),
  rich_text_quote: (element) => h("blockquote", { class: "quote" }, element.elements.map(drawPart)),
  rich_text_list: (element) =>
    h(
      element.style === "ordered" ? "ol" : "ul",
      { class: `rich-list indent-${Math.min(element.indent ?? 0, 4)}` },
      element.elements.map((item) => h("li", {}, drawElement(item))),
    ),
};

/** Return a `rich_text` block as an element. */
export function drawRichText(block) {
  return h("div", {}, block.elements.map(withoutGap).map(drawElement));
}

// The line end between a block and the words after it is no line of its own.
function withoutGap(element, at, all) {
  const [first, ...others] = element.elements ?? [];
  if (at === 0 || all[at - 1].type === "rich_text_section" || !first?.text?.startsWith("\n")) return element;
  return { ...element, elements: [{ ...first, text: first.text.slice(1) }, ...others] };
}

/** Return the letters of rich text, to be counted. */
export function lettersOf({ text = "", elements = [] }) {
  return text + elements.map(lettersOf).join("");
}

function drawElement(element) {
  return (ELEMENTS[element.type] ?? (() => cannotShow(element.type, "part")))(element);
}

function drawPart(part) {
  const draw = PARTS[part.type];
  if (!draw) return cannotShow(part.type, "part");
  return STYLES.filter(([style]) => part.style?.[style]).reduce(
    (inside, [style, tag]) => h(tag, style === "code" ? { class: "code" } : {}, inside),
    draw(part),
  );
}
