// A usage line of the command, read as what may stand where: `stop <id>… [reason] | all [rule=…]`.

const PIECE = /\[[^\]]*\]…?|<[^>]*>…?|\S+/g;
const KINDS = { id: "id", rule: "rule", verb: "verb" };
const ID = /^(#?\d+|h\d+)$/i;

/**
 * Return the alternatives of a usage line that fit the words behind its verb, as `{text, next}`: `next` are the slots
 * that may follow, none where free text has begun. Bars that stand alone part the alternatives.
 */
export function readUsage(usage, words) {
  const behind = usage.replace(/^\S+\s*/, "");
  return behind
    .split(/\s\|\s/)
    .map((text) => ({ text, next: nextSlots((text.match(PIECE) ?? []).map(readSlot), words) }))
    .filter(({ next }) => next !== null);
}

function readSlot(piece) {
  const isOptional = piece.startsWith("[");
  const isNamed = isOptional || piece.startsWith("<");
  const many = piece.endsWith("…") && isNamed && !/=…?\]?$/.test(piece);
  const inside = piece.replace(/^[[<]/, "").replace(/[\]>]…?$/, "");
  const option = /^([a-z]+)=(.*)$/.exec(inside);
  if (option) return { kind: "option", name: `${option[1]}=`, values: valuesOf(option[2]), isOptional };
  const flag = /^(--[a-z]+)\s*(.*)$/.exec(inside);
  if (flag) return { kind: "flag", name: flag[1], example: flag[2], isOptional };
  if (!isNamed) return { kind: "word", word: inside, isOptional };
  return { kind: KINDS[inside] ?? "text", name: inside, many, isOptional };
}

/** Return the values that are typed as they stand: `me|U…` has one, `…` none, and `5m` is an example. */
function valuesOf(text) {
  return text.split("|").filter((each) => !each.includes("…"));
}

/** Return the slots that may come next behind these words; null where the words do not fit. */
function nextSlots(slots, words) {
  const isNamed = ({ kind }) => kind === "option" || kind === "flag";
  const inOrder = slots.filter((slot) => !isNamed(slot));
  const named = new Map(slots.filter(isNamed).map((slot) => [slot.name, slot]));
  let at = 0;
  let isUsed = false; // the slot at `at`, which takes several words, has one
  for (let place = 0; place < words.length; place += 1) {
    const word = words[place];
    const slot = named.get(/^--[a-z]+|^[a-z]+=/i.exec(word)?.[0].toLowerCase());
    if (slot) {
      named.delete(slot.name);
      if (slot.kind === "option" || word.includes("=")) continue;
      place += 1; // its value is the next word
      if (slot.example === "…" || place === words.length) return [];
      continue;
    }
    while (at < inOrder.length && !takes(inOrder[at], word) && (inOrder[at].isOptional || isUsed)) {
      at += 1;
      isUsed = false;
    }
    if (at === inOrder.length || !takes(inOrder[at], word)) return null;
    if (at === inOrder.length - 1 && inOrder[at].kind === "text") return []; // the last one takes the rest of the line
    isUsed = inOrder[at].many;
    if (!isUsed) at += 1;
  }
  const open = [];
  for (const slot of inOrder.slice(at)) {
    open.push(slot);
    if (!slot.isOptional && !(isUsed && open.length === 1)) return open;
  }
  return [...open, ...named.values()];
}

function takes(slot, word) {
  if (slot.kind === "id") return ID.test(word);
  return slot.kind !== "word" || slot.word === word.toLowerCase();
}
