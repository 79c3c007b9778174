"""Words that are looked for, as people type them, and whether a session has them. Pure.

Several words are looked for in one session, each wherever it stands: in the data, the rule or the application by their
beginnings, middles or ends; a number also as a phone number or as an id.
"""

import functools
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from bot.ports import SessionRef, UsageProblem, session_ref
from bot.process import scrub
from bot.text import (
    UnclosedQuote,
    code,
    fold_data,
    fold_name,
    has_number,
    last_digits,
    mask,
    spellings,
    split_words,
    typed_number,
    typed_numbers,
    without_numbers,
)
from bot.verbs._loose_words import TROUBLED
from storage.searching import Searched

MOST_WORDS: Final = 12
LONGEST: Final = 500
_WORD_SHOWN: Final = 60
_FEW_DIGITS: Final = 4
"""The digits from which on a number is looked for as a part of one."""

_SILENT: Final = "silent"
_FILLERS: Final = frozenset({
    "a", "an", "the", "is", "are", "was", "has", "of", "for", "with", "on", "in", "at", "to", "my", "our", "and",
    "their", "session", "sessions", "please", "says", "said", "say", "that", "it",
})  # fmt: skip
_AROUND: Final = ".,;:!?{}[]\"'"
"""Ends sentences, or belongs to JSON that was pasted: it is no part of a word."""

_NAMED: Final = re.compile(
    r"(?<![^\s(<])(?:tel|sip|callto|phone|number|data|rule|application|id)[:=]\s*(?=\S)", re.IGNORECASE
)
"""Says what kind the word behind it is: links do, and people who know the options of `list`. All kinds are searched."""

_ESCAPED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True, kw_only=True)
class Word:
    """One thing that is looked for, as `text` to compare. `digits` are those of a number; `id` is what an id names.

    `is_trouble` words select sessions that need attention, and are looked for as well.
    """

    typed: str
    text: str
    digits: str | None = None
    id: SessionRef | None = None
    is_trouble: bool = False

    def shown(self, digits: int) -> str:
        """Return it as it is quoted in an answer: of a number only the last digits, so many."""
        plain = self.typed if self.digits is None else last_digits(self.digits, digits)
        return code(without_numbers(scrub(mask(plain)), digits), _WORD_SHOWN)


@dataclass(frozen=True)
class Reading:
    """One way to read the words; all of them have to be in a session."""

    words: tuple[Word, ...]

    @property
    def without_trouble(self) -> "Reading":
        """The same without the words that select by attention."""
        return Reading(tuple(each for each in self.words if not each.is_trouble))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The digits of the whole phone numbers in it."""
        return tuple(each.digits for each in self.words if each.digits is not None and typed_numbers(each.digits))


def readings(text: str) -> tuple[Reading, ...]:
    """Return the ways to read a typed text, the likeliest first; raises UsageProblem where nothing is looked for.

    What is spelt with blanks, as `+44 20 7946 0018`, is first one number, and else several.
    """
    if len(text) > LONGEST:
        raise UsageProblem(f"At most {LONGEST} characters can be looked for at once.")
    text = _NAMED.sub("", text)
    wholes = [_number(text[start:end]) for start, end in typed_numbers(text)]
    rest = text
    for start, end in reversed(typed_numbers(text)):
        rest = f"{rest[:start]} {rest[end:]}"
    found = [(*wholes, *_words(rest)), _words(text)]
    if not found[1]:
        msg = f"A number or a word is missing, such as {code('find 7946 0018')} or {code('find ticket 12')}."
        raise UsageProblem(msg)
    if max(map(len, found)) > MOST_WORDS:
        raise UsageProblem(f"At most {MOST_WORDS} words can be looked for at once.")
    every = [Reading(each) for each in dict.fromkeys(found) if each]
    calm = [each.without_trouble for each in every]
    return tuple(dict.fromkeys([*every, *(each for each in calm if each.words)]))


def finder(
    ways: Sequence[Reading], aliases: Callable[[int], str], called: Collection[int] = ()
) -> Callable[[Searched], int | None]:
    """Return a function that returns the place of the first reading that a session fits; None: it fits none.

    `aliases` returns the settings' names of a rule; `called` are the platform's numbers of sessions in which the
    history has the phone number that is looked for.
    """

    @functools.lru_cache(maxsize=10_000)
    def names(*of: str | None, rule_id: int) -> tuple[str, ...]:
        return tuple(fold_name(each) for each in (*of, aliases(rule_id)) if each)

    def first_fit(row: Searched) -> int | None:
        data = _unescaped(row.custom_data or "")
        rule = row.rule_name or f"rule {row.rule_id}"
        texts = (fold_data(data), *names(rule, row.alias, row.application_name, rule_id=row.rule_id))
        fitting: dict[Word, bool] = {}
        for place, reading in enumerate(ways):
            for word in reading.words:
                if word not in fitting:
                    fitting[word] = _has(word, row, texts, is_called=row.history_id in called)
                if not fitting[word]:
                    break
            else:
                return place
        return None

    return first_fit


def _has(word: Word, row: Searched, texts: Sequence[str], *, is_called: bool) -> bool:
    """Return whether a word is in one of a session's texts, the first of which are its data, or is said by a column."""
    if word.is_trouble and (row.is_silent if word.text == _SILENT else row.needs_attention):
        return True
    if word.id is not None and _is_id(word, word.id, row):
        return True
    if word.digits is None:
        return any(word.text in each for each in texts)
    if is_called and typed_numbers(word.digits):
        return True
    if len(word.digits) < _FEW_DIGITS:
        return any(_stands_alone(word.digits, each) for each in texts)
    return has_number(texts[0], word.digits) or any(word.digits in each for each in texts[1:])


def numbers_to_ask(reading: Reading) -> list[str]:
    """Return the spellings of the phone numbers for the history, which has them in one that is not known."""
    plain = dict.fromkeys(each for number in reading.numbers for each in spellings(number))
    return [spelt for each in plain for spelt in (each, f"+{each}")]


def _words(text: str) -> tuple[Word, ...]:
    try:
        typed = [each.text for each in split_words(text) if each.text.strip()]
    except UnclosedQuote:
        typed = text.split()
    telling = [each for each in typed if each.casefold() not in _FILLERS]
    return tuple(map(_word, telling or typed))


def _word(text: str) -> Word:
    typed = text.strip(_AROUND) or text
    plain = fold_name(typed)
    ref = session_ref(typed)
    if (digits := typed_number(typed)) is not None:
        return Word(typed=typed, text=plain, digits=digits, id=ref)
    return Word(typed=typed, text=plain, id=ref, is_trouble=plain in TROUBLED)


def _number(typed: str) -> Word:
    return Word(typed=typed, text=typed, digits=typed_number(typed) or typed, id=session_ref(typed))


def _is_id(word: Word, ref: SessionRef, row: Searched) -> bool:
    """Return whether an id is this session's: `#7` is ours alone, a bare number may be any."""
    if word.digits is None:
        return ref.number == (row.history_id if ref.of_platform else row.id)
    return ref.number in {row.id, row.history_id, row.rule_id, row.application_id}


def _stands_alone(digits: str, text: str) -> bool:
    return re.search(rf"(?<!\d){digits}(?!\d)", text) is not None


def _unescaped(data: str) -> str:
    """Return data as people read it: JSON may have letters as numbers."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), data) if "\\u" in data else data
