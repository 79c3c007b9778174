// Slack's escapes undone: it keeps a text with three entities, mentions by id, and links with labels.

const LETTERS = { amp: "&", lt: "<", gt: ">" };

/** Return a text with the letters that its entities stand for. */
export function unescaped(text) {
  return text.replace(/&(amp|lt|gt);/g, (_, name) => LETTERS[name]);
}

/** Return the text of a message as its author typed it; `names` are those of people and channels by id. */
export function asTyped(text, names) {
  const named = (whole, sign, id, label) => names[id] ?? (label ? `${sign}${label}` : whole);
  return unescaped(
    text
      .replace(/<([@#])([A-Z0-9]+)(?:\|([^>]*))?>/g, named)
      .replace(/<((?:https?|mailto|tel):[^|>]*)(?:\|([^>]*))?>/g, (_, url, label) => label ?? url),
  );
}
