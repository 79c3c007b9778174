"""Doubts about valid JSON that readers take differently: a repeated key, a number that is rounded."""

import json
from decimal import Decimal
from math import isinf
from typing import Any, Final

from bot.process import scrub
from bot.text._neutral import code

_EXACT: Final = 2**53
"""Up to here a double, which is all that JavaScript has for numbers, holds every whole one."""

_KEYS_SHOWN: Final = 3
_SHOWN: Final = 40


def json_doubts(text: str) -> tuple[str, ...]:
    """Return a sentence for each kind of doubt about this valid JSON, no deeper than `json_text.DEEPEST`."""
    twice: dict[str, None] = {}
    large: list[str] = []

    def pairs(found: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in found:
            if name in seen:
                twice[name] = None
            seen.add(name)

    def number(digits: str) -> None:
        if _is_rounded(digits):
            large.append(digits)

    json.loads(text, object_pairs_hook=pairs, parse_int=number, parse_float=number)
    says = []
    if twice:
        names = ", ".join(code(scrub(name), _SHOWN) for name in list(twice)[:_KEYS_SHOWN])
        says.append(f"It has a key more than once ({names}): most readers keep the last.")
    if large:
        says.append("It has a number beyond 2^53: JavaScript, and so a scenario, rounds it.")
    return (*says, "It went out as typed.") if says else ()


def _is_rounded(digits: str) -> bool:
    whole = digits.removeprefix("-")
    if whole.isdecimal():
        return len(whole) > len(str(_EXACT)) or int(whole) > _EXACT
    held = float(digits)
    return isinf(held) or (abs(held) >= _EXACT and Decimal(digits) != Decimal(held))
