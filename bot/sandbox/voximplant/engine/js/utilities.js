// Small functions of the platform that stand in the global scope.

// The form of a random UUID; what it is used for here needs no better chance.
function uuidgen() {
  let text = "";
  for (let i = 0; i < 32; i += 1) {
    if (i === 8 || i === 12 || i === 16 || i === 20) text += "-";
    const digit = (randomOf() * 16) | 0;
    text += hexDigits(i === 12 ? 4 : i === 16 ? (digit & 3) | 8 : digit, 1);
  }
  return text;
}

function levenshtein_distance(str1, str2) {
  const [one, other] = [textOf(str1), textOf(str2)];
  let above = [];
  for (let j = 0; j <= other.length; j += 1) append(above, j);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = above[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      append(row, least(replaced, above[j] + 1, row[j - 1] + 1));
    }
    above = row;
  }
  return above[other.length];
}

// A Date whose UTC fields are the local ones. `facts.zones` has the present offsets, in milliseconds, of the time
// zones that the session's texts name: JavaScript has no table of them here.
function getLocalTime(timezone, date) {
  const offset = ownOf(facts.zones ?? typings.none, textOf(timezone));
  if (offset === undefined) note(`time zone ${textOf(timezone)}`);
  return new NativeDate(numberOf(date ?? present()) + (offset ?? 0));
}

Object.assign(world, {
  getLocalTime,
  levenshtein_distance,
  uuidgen,
  trace: (data) => effect("log", { text: textOf(data) }),
});
