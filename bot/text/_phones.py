"""Phone numbers in texts: found however they are spelt, compared by digits, shown by their last ones. Pure."""

import functools
import re
from typing import Final

SHORTEST: Final = 4
"""The digits from which on a number is looked for as a part of a phone number."""

_WHOLE: Final = 7
"""The digits from which on a number stands for itself: a shorter one is only a part."""

_LONGEST: Final = 18  # E.164 has 15; an international prefix comes before them
_ALL_DIGITS: Final = 15  # E.164: no phone number is longer

_BETWEEN: Final = r"[ \u00a0\u2009().\-\u2010-\u2013/]"
_SPELT: Final = re.compile(rf"\d(?:{_BETWEEN}{{0,3}}\d)*")
_OTHER_DIGITS: Final = re.compile(r"[^\D0-9]")
_TRUNK_IN_BRACKETS: Final = re.compile(r"\(0\)")
_PREFIXES: Final = ("0", "00", "011")
"""Dialled before an area code, and before a country code, in most countries and in North America."""

_NUMBERS: Final = re.compile(
    # What is no phone number is taken first, and stays: moments and IPv4 addresses.
    r"(?P<kept>\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"
    r"|\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b(?![.\d]))"
    rf"|(?P<phone>\+?\d(?:{_BETWEEN}{{0,2}}\d){{6,}})"
)
_TYPED: Final = re.compile(rf"(?<![\w#])(?:\+|\()*\d(?:{_BETWEEN}*\d)*\)?(?!\w)")


def typed_number(text: str) -> str | None:
    """Return the digits of a text that is a number and nothing else, as people spell phone numbers; else None."""
    plain = _TRUNK_IN_BRACKETS.sub("", text.strip())
    return _digits(plain) if _TYPED.fullmatch(plain) else None


def typed_numbers(text: str) -> list[tuple[int, int]]:
    """Return where in a text whole phone numbers are spelt, blanks within them included."""
    return [each.span() for each in _TYPED.finditer(text) if _WHOLE <= len(_digits(each[0])) <= _LONGEST]


def has_number(text: str, wanted: str) -> bool:
    """Return whether a number is spelt in a text that has these digits, or that these digits are a part of.

    Country code, trunk zero and international prefix may stand there or here alone: `020 7946 0018` is
    `+44 20 7946 0018`. Fewer than four digits are in no number.
    """
    if len(wanted) < SHORTEST:
        return False
    if _OTHER_DIGITS.search(text) is not None:
        text = "".join(str(int(each)) if each.isdecimal() else each for each in text)
    if _ending(wanted).search(text) is None:
        return False
    cores = spellings(wanted)
    for found in _SPELT.finditer(_TRUNK_IN_BRACKETS.sub("", text)):
        there = _digits(found[0])
        if len(there) >= SHORTEST and _are_alike(there, cores):
            return True
    return False


def spellings(digits: str) -> tuple[str, ...]:
    """Return a number's digits as they are, and without each prefix that they may begin with."""
    rests = (digits.removeprefix(each) for each in _PREFIXES if digits.startswith(each))
    return (digits, *dict.fromkeys(each for each in rests if len(each) >= _WHOLE))


def without_numbers(text: str, shown: int) -> str:
    """Return a text with only the last digits of each phone number, so many; of 15 or more, all of them."""

    def shorten(found: re.Match[str]) -> str:
        if found["kept"] is not None:
            return found[0]
        return last_digits("".join(each for each in found[0] if each.isdecimal()), shown)

    return text if shown >= _ALL_DIGITS else _NUMBERS.sub(shorten, text)


def last_digits(digits: str, shown: int) -> str:
    """Return the end of a number as it is shown: `…0018`; a number that is no longer is shown whole."""
    return digits if len(digits) <= shown or shown >= _ALL_DIGITS else f"…{digits[len(digits) - shown :]}"


@functools.lru_cache(maxsize=128)
def _ending(digits: str) -> re.Pattern[str]:
    """Return what every spelling of a number has: its last digits. Hardly any text has them, and this tells it soon."""
    return re.compile(rf"{_BETWEEN}{{0,3}}".join(digits[-_WHOLE:]))


def _are_alike(there: str, cores: tuple[str, ...]) -> bool:
    if any(core in there for core in cores):
        return True
    return any(core.endswith(end) for end in spellings(there) if len(end) >= _WHOLE for core in cores)


def _digits(text: str) -> str:
    """Return the digits of a text, in whatever script they are written."""
    digits = "".join(each for each in text if each.isdecimal())
    return digits if digits.isascii() else "".join(str(int(each)) for each in digits)
