// A person's message as it was typed: Slack keeps it with escapes, mentions by id, and links with labels.

import { unescaped } from "./entities.js";

/** Return the text of a message as its author typed it; `names` are those of people and channels by id. */
export function asTyped(text, names) {
  const named = (whole, sign, id, label) => names[id] ?? (label ? `${sign}${label}` : whole);
  return unescaped(
    text
      .replace(/<([@#])([A-Z0-9]+)(?:\|([^>]*))?>/g, named)
      .replace(/<((?:https?|mailto|tel):[^|>]*)(?:\|([^>]*))?>/g, (_, url, label) => label ?? url),
  );
}
