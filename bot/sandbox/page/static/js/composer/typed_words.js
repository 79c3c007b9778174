// Typed words: a line taken apart as the bot's grammar does it, and how well a word fits what is offered for it.

const QUOTES = { '"': '"', "“": "”", "„": "“", "«": "»", "‹": "›" }; // the last are of the page's placeholders
const TYPO_FROM = 3; // letters; shorter words would fit anything

/** Return the words of a text with their places. A quote that is not closed goes on to the end. */
export function wordsOf(text) {
  const words = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at])) {
      at += 1;
      continue;
    }
    const word = QUOTES[text[at]] ? quotedWord(text, at) : bareWord(text, at);
    words.push(word);
    at = word.end;
  }
  return words;
}

function quotedWord(text, start) {
  const close = text.indexOf(QUOTES[text[start]], start + 1);
  const isOpen = close < 0;
  const end = isOpen ? text.length : close + 1;
  return { text: text.slice(start + 1, isOpen ? end : close), start, end, isOpen };
}

/** A word up to the next blank; a value in quotes behind `name=` is part of it. */
function bareWord(text, start) {
  const option = /^([a-z]+=)(["“„«])/i.exec(text.slice(start));
  if (option) {
    const value = quotedWord(text, start + option[1].length);
    return { ...value, text: option[1] + value.text, start };
  }
  const end = start + /^\S+/.exec(text.slice(start))[0].length;
  return { text: text.slice(start, end), start, end, isOpen: true };
}

/** Return 0 for a beginning, 1 for a part, 2 for a beginning with one typing mistake, null for no fit. */
function fit(typed, offered) {
  const [one, other] = [typed.toLowerCase(), offered.toLowerCase()];
  if (other.startsWith(one)) return 0;
  if (other.includes(one)) return 1;
  return one.length >= TYPO_FROM && isNearStart(one, other) ? 2 : null;
}

/** Return those items that fit, by their `text` or one of `also`, the best first; equal ones keep their order. */
export function fitting(typed, items) {
  const best = ({ text, also = [] }) => Math.min(...[text, ...also].map((each) => fit(typed, each) ?? Infinity));
  return items
    .map((item) => ({ ...item, fit: best(item) }))
    .filter((item) => item.fit < Infinity)
    .sort((one, other) => one.fit - other.fit);
}

/** Return whether a word is the start of another one but for one letter: wrong, missing, too much, or swapped. */
function isNearStart(typed, offered) {
  for (const length of [typed.length, typed.length - 1, typed.length + 1]) {
    if (isNear(typed, offered.slice(0, length))) return true;
  }
  return false;
}

function isNear(one, other) {
  let same = 0;
  while (same < one.length && same < other.length && one[same] === other[same]) same += 1;
  const [left, right] = [one.slice(same), other.slice(same)];
  const isSwapped = left.length > 1 && left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2);
  return isSwapped || left.slice(1) === right.slice(1) || left.slice(1) === right || left === right.slice(1);
}
