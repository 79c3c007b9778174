// The three entities that Slack knows: in its texts `&`, `<` and `>` stand for themselves as `&amp;`, `&lt;` and `&gt;`.

const LETTERS = { amp: "&", lt: "<", gt: ">" };

/** Return a text with the letters that its entities stand for. */
export function unescaped(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => LETTERS[name]);
}
