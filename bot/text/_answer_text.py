"""The answer of a session, made safe for its thread: without the session's URL and without masked values."""

import html
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from bot.process import scrub
from bot.text._json import cut_json, hidden_values, mask_all
from bot.text._known_secrets import hide_secrets, unescaped

_SHORTEST: Final = 3
"""A shorter value stands in too many ordinary words and numbers to be hidden wherever it stands."""

_ANYWHERE: Final = 6
"""A value of so many characters is hidden inside a longer word, too."""

_LONGEST: Final = 300
"""Of a longer value its beginning is looked for, and all that follows it is hidden with it."""

_MOST: Final = 100
"""The number of masked values beyond which nothing of the answer is shown."""

_HIDDEN: Final = "•••"
_WORD: Final = re.compile(r"[0-9a-z]+")
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(?=[.eE])(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
_BEFORE: Final = r"(?:(?<![^\W_])|(?<=%[0-9a-f]{2})|(?<=\\u[0-9a-f]{4})|(?<=\\[nrtbf]))"
_AFTER: Final = r"(?![^\W_])"
"""Around a short value no letter stands; the last one of an escape is none."""

_AFTER_BACKSLASH: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


def show_answer(answer: str, *, secrets: Iterable[str], sent: Iterable[bytes | str]) -> str:
    """Return the answer without secrets.

    `secrets` are hidden in every spelling, see `known_parts`. Values that `mask` hides in the `sent` body
    are hidden wherever they come back, escaped or not: as JSON inside a JSON string has them, say, or a URL.
    """
    return cut_json(
        masked(
            hide_secrets(scrub(mask_all(answer)), secrets), {value for body in sent for value in masked_values(body)}
        )
    )


def masked(text: str, values: set[str]) -> str:
    """Return the text without these values, in every spelling."""
    come_back = _come_back(text, values)
    if len(come_back) > _MOST:
        return _HIDDEN
    for value in sorted(come_back, key=len, reverse=True):
        text = re.sub(_spelt(value), _HIDDEN, text, flags=re.IGNORECASE | re.DOTALL)
    return text


def masked_values(body: bytes | str) -> set[str]:
    """Return the texts and numbers that `mask` hides in a body."""
    told = {way for each in _leaves(hidden_values(body)) for way in (each, _counted(each))}
    return {each for each in told if len(each) >= _SHORTEST}


def _counted(value: str) -> str:
    """Return a number as JavaScript writes it after reading it; any other value as it is."""
    number = float(value) if _NUMBER.fullmatch(value) else math.inf
    if not math.isfinite(number):
        return value
    return str(int(number)) if number.is_integer() else repr(number)


def _come_back(text: str, values: set[str]) -> list[str]:
    """Return the values that may stand in the text, by the longest word of each: there may be thousands."""
    plain = unescaped(text).casefold()
    words = set(_WORD.findall(plain))

    def may_stand(value: str) -> bool:
        word = max(_WORD.findall(value.casefold()), key=len, default="")
        return word in words or (len(value) >= _ANYWHERE and word in plain)

    return [each for each in values if may_stand(each)]


def _leaves(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for inside in value.values():
                yield from _leaves(inside)
        case list():
            for inside in value:
                yield from _leaves(inside)
        case str():
            yield value


def _spelt(value: str) -> str:
    """Return the pattern of a value in all spellings of JSON, a repr or a URL."""
    spelt = "".join(map(_character, re.sub(r"\\+", r"\\", value[:_LONGEST])))
    if len(value) > _LONGEST:
        return f"{spelt}.*"
    return spelt if len(value) >= _ANYWHERE else f"{_BEFORE}{spelt}{_AFTER}"


def _character(one: str) -> str:
    units = one.encode("utf-16-be", "surrogatepass").hex()
    escaped = "".join(rf"\\{{1,8}}u{units[at : at + 4]}" for at in range(0, len(units), 4))
    ways = [rf"\\{{0,8}}{re.escape(one)}", escaped, *map(re.escape, {_quoted(one), html.escape(one)} - {one})]
    if one in _AFTER_BACKSLASH:
        ways.append(rf"\\{{1,8}}{_AFTER_BACKSLASH[one]}")
    if one == " ":
        ways.append(r"\+")
    if one == "\\":
        ways = [r"\\{1,16}+", *ways[1:]]
    return f"(?:{'|'.join(ways)})"


def _quoted(one: str) -> str:
    return quote(one, safe="", errors="replace")
