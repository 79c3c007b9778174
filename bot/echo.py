"""What a session answers, made fit for its thread: nothing of it shows the session's URL, or what was masked before."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from bot.json_text import cut, is_telling, mask_all
from bot.known_parts import hide
from bot.redaction import scrub

_SHORTEST: Final = 3
"""A shorter value stands in too many ordinary words and numbers to be hidden wherever it stands."""

_LETTERS: Final = r"[^\W_]"


def shown(answer: str, *, secrets: Iterable[str], sent: Iterable[bytes | str]) -> str:
    """Return the answer without secrets.

    `secrets` are hidden however they are written, see `known_parts`. Values that `mask` hides in what was `sent`
    are hidden wherever they come back.
    """
    text = hide(scrub(mask_all(answer)), secrets)
    values = {value for body in sent for value in masked_values(body)}
    spellings = {spelling for value in values for spelling in (value, json.dumps(value)[1:-1])}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = re.sub(rf"(?<!{_LETTERS}){re.escape(spelling)}(?!{_LETTERS})", "•••", text)
    return cut(text)


def masked_values(body: bytes | str) -> set[str]:
    """Return the texts and numbers that stand under telling names in a JSON body, at any depth."""
    try:
        value = json.loads(body, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return set()
    return {each for each in _telling(value, hidden=False) if len(each) >= _SHORTEST}


def _telling(value: Any, *, hidden: bool) -> Iterator[str]:
    match value:
        case dict():
            for name, inside in value.items():
                yield from _telling(inside, hidden=hidden or is_telling(name))
        case list():
            for inside in value:
                yield from _telling(inside, hidden=hidden)
        case str() if hidden:
            yield value
