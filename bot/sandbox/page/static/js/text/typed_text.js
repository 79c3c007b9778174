// A person's message as it was typed: Slack keeps it with escapes, mentions by id, and links with labels.

const ENTITIES = { amp: "&", lt: "<", gt: ">" };

/** Return the text of a message as its author typed it; `names` are those of people and channels by id. */
export function asTyped(text, names) {
  const named = (whole, sign, id, label) => names[id] ?? (label ? `${sign}${label}` : whole);
  return text
    .replace(/<([@#])([A-Z0-9]+)(?:\|([^>]*))?>/g, named)
    .replace(/<((?:https?|mailto|tel):[^|>]*)(?:\|([^>]*))?>/g, (_, url, label) => label ?? url)
    .replace(/&(amp|lt|gt);/g, (_, name) => ENTITIES[name]);
}
