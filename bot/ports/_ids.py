"""The ids of sessions as people write them: `7`, `#7`, `(7)`, `7.`, `no. 7`, `7, 8 and 9`, `h4202753936`.

A number is read in any script. A bare one is first a number of our own, which are short, and else the platform's
(`bot.verbs`). Several are separated by spaces, commas and the words of many languages for *and*. The rest
is a reason, or data, and stays untouched.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.ports._errors import UsageProblem
from bot.text import UnclosedQuote, after_word, code, each_word

_SHOWN: Final = 80

# Marks of emphasis and brackets around an id are no part of it; what is struck through was taken back.
_ID: Final = re.compile(
    r"[(*_`]*(?:(?:id|session)=)?(?:(?P<kind>#?[sh]?)|no\.?|nr\.?|№|n°)(?P<number>\d{1,100})[)*_`]*", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[,;+&/|、]+")
_END: Final = re.compile(r"[.,;!…。]*[)*_`]*(?=\Z|:(?!\d))")
_ANYWHERE: Final = re.compile(
    r"(?<!\w)(?<!\A\.)(?<![^.]\.)(?<!\A-)(?<!\s-)#?(?P<kind>[sh]?)(?P<number>\d{1,100})(?!\w|\.\d)", re.IGNORECASE
)
_UP_TO: Final = re.compile(
    r"\s*(?:[-‐‑–—~…]|\.{2,}|\b(?:to|through|thru|till?|until|bis|до|à)\b)\s*",  # noqa: RUF001 - dashes of keyboards
    re.IGNORECASE,
)
_LONGEST_RANGE: Final = 100

_NOUNS: Final = frozenset({
    "session", "sessions", "id", "ids", "no", "no.", "nr", "nr.", "number", "numbers", "both", "the", "#", "№", "n°",
})  # fmt: skip
_AND: Final = frozenset({
    "and", "then", "also", "plus", "with", "or", "und", "dann", "sowie", "oder", "y", "luego", "o", "et", "puis", "ou",
    "e", "poi", "og", "och", "en", "ja", "i", "oraz", "ve", "și", "si", "és", "και", "и", "та", "й", "و", "और",
    "和", "与", "及", "と", "및", "와", "과",
})  # fmt: skip


@dataclass(frozen=True)
class SessionRef:
    """A session's id as typed: a bare number (`7`, `#7`, `s7`) or surely the platform's (`h4202753936`)."""

    number: int
    of_platform: bool = False

    def __str__(self) -> str:
        return f"h{self.number}" if self.of_platform else f"#{self.number}"

    @property
    def typed(self) -> str:
        """The shortest way to type it: `7`, `h4202753936`."""
        return str(self).removeprefix("#")


@dataclass(frozen=True)
class SessionId:
    """The id of one session."""

    name: str = "id"
    optional: bool = False

    @property
    def usage(self) -> str:
        """`<id>`, or `[id]` where it may be left out."""
        return "[id]" if self.optional else "<id>"

    def read(self, text: str) -> tuple[SessionRef | None, str]:
        """Read the id; raises UsageProblem for several, so that none of them is silently ignored."""
        if self.optional and not text.strip():
            return None, ""
        refs, rest = SessionIds().read(text)
        if len(refs) > 1:
            names = ", ".join(map(str, refs[:3]))
            msg = (
                f"This takes one session, not several ({names}). What begins with a number and is no id goes in quotes."
            )
            raise UsageProblem(msg)
        return refs[0], rest

    def of_words(self, words: Sequence[str]) -> SessionRef | None:
        """Read the id; what follows it in its word makes that none."""
        ref, rest = self.read(" ".join(words))
        if rest:
            said = f"{code(' '.join(words), _SHOWN)} is not a session's id"
            raise UsageProblem(f"{said}; an id is a number such as {code('7')}.")
        return ref

    def write(self, value: SessionRef | None) -> str:
        """Return the id."""
        return "" if value is None else value.typed


@dataclass(frozen=True)
class SessionIds:
    """The ids of one or more sessions; the rest of the line is none."""

    name: str = "ids"
    usage: str = "<id>…"

    def read(self, text: str) -> tuple[tuple[SessionRef, ...], str]:
        """Read all leading ids, and a colon right behind them."""
        refs, rest = leading_ids(text)
        if refs:
            return refs, after_word(rest, 1) if rest.startswith(_COLONS) else rest
        try:
            first = next(each_word(text), None)
        except UnclosedQuote as problem:
            raise UsageProblem(str(problem)) from None
        if first is None:
            msg = f"The session's id is missing; {code('list')} shows the open ones."
            raise UsageProblem(msg)
        raise UsageProblem(f"{code(first.text, _SHOWN)} is not a session's id; an id is a number such as {code('7')}.")

    def write(self, value: Sequence[SessionRef]) -> str:
        """Return the ids."""
        return " ".join(each.typed for each in value)


_COLONS: Final = (":", "：")  # noqa: RUF001 - the wide one of East Asian keyboards is meant


def session_ref(word: str) -> SessionRef | None:
    """Read one session's id, or None if the word is none."""
    read = _read(_plain(word).removesuffix(":"))
    return read[0][0] if read is not None and len(read[0]) == 1 and read[1] == 0 else None


def leading_ids(text: str) -> tuple[tuple[SessionRef, ...], str]:
    """Read the ids that a text begins with, each once; the rest begins with the colon if one stands right behind them.

    In quotes it is a reason that begins with a number, and no id, unless it comes first.
    """
    refs: dict[SessionRef, None] = {}
    end = 0
    try:
        for word in each_word(text):
            plain = _plain(word.text)
            read = None if word.quoted and refs else _read(plain)
            if read is not None:
                refs |= dict.fromkeys(read[0])
                end = word.end - read[1]
            elif word.quoted or not (plain in _NOUNS or (refs and _joins(plain))):
                break
            if read is not None and read[1]:
                return tuple(refs), text[end:]
    except UnclosedQuote:
        pass  # it belongs to the reason, which is taken as it is
    return tuple(refs), after_word(text, end)


def ids_anywhere(text: str) -> tuple[SessionRef, ...]:
    """Return every number in a text that could be a session's, each once, with those between `3` and `5` in `3-5`."""
    refs: dict[SessionRef, None] = {}
    plain, last, end = _plain(text), None, 0
    for found in _ANYWHERE.finditer(plain):
        ref = _ref(found)
        if last is not None and _UP_TO.fullmatch(plain, end, found.start()):
            refs |= dict.fromkeys(_between(last, ref))
        refs[ref] = None
        last, end = ref, found.end()
    return tuple(refs)


def _read(plain: str) -> tuple[Sequence[SessionRef], int] | None:
    """Read a word of ids alone, or of ids and a text behind a colon; return the length of that text."""
    refs: list[SessionRef] = []
    between = _BETWEEN.match(plain)
    at = between.end() if between else 0
    while (found := _ID.match(plain, at)) is not None:
        refs.append(_ref(found))
        at = found.end()
        if (between := _BETWEEN.match(plain, at)) is None:
            break
        at = between.end()
    end = _END.match(plain, at) if refs else None
    return None if end is None else (refs, len(plain) - end.end())


def _between(first: SessionRef, last: SessionRef) -> list[SessionRef]:
    """Return the sessions of a range, if it is a plausible one."""
    numbers = range(first.number + 1, last.number)
    return [SessionRef(each) for each in numbers] if len(numbers) < _LONGEST_RANGE and not last.of_platform else []


def _ref(found: re.Match[str]) -> SessionRef:
    return SessionRef(int(found["number"]), of_platform=(found["kind"] or "").endswith("h"))


def _joins(plain: str) -> bool:
    return plain in _AND or not plain.strip(",;+&/|、")


def _plain(text: str) -> str:
    """Return wide, raised and other variant letters and digits as their plain ones, each in its place."""
    plain = (unicodedata.normalize("NFKC", each) for each in text)
    return "".join(new.casefold() if len(new.casefold()) == 1 else old for old, new in zip(text, plain, strict=True))
