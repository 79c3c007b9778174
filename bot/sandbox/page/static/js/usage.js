// A usage line of the command, read as what may stand where: `stop <id>… [reason] | all [rule=…]`.

const PIECE = /\[[^\]]*\]…?|<[^>]*>…?|\S+/g;
const KINDS = { id: "id", rule: "rule", verb: "verb" };

/** Return the alternatives of a usage line behind its verb: lists of slots, in order. */
export function readUsage(usage) {
  const behind = usage.replace(/^\S+\s*/, "");
  return alternatives(behind).map((each) => (each.match(PIECE) ?? []).map(readSlot));
}

/** Split at the bars that stand alone; those within a slot separate its values. */
function alternatives(text) {
  return text.split(/\s\|\s/);
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
