"""Repair of JSON from phones, chats and word processors: around its texts, and no more than needed.

Called only after a strict parse has failed: valid JSON with curly quotes in its texts never comes here.
Nothing is guessed: a text in straight quotes is left alone, one in curly quotes ends at the next curly quote,
and where that makes no sense the strict parse that follows fails. Dashes stay: outside its texts JSON has
no place for `--`, and inside them nothing is ours to change.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

_CURLY = ("“”„‟", "«»", "″＂")  # noqa: RUF001 - the bent ones are the point; each family closes its own
_SINGLE = "‘’‚‛"  # noqa: RUF001 - as above
_APOSTROPHE = rf"(?<=\w)[{_SINGLE}](?=\w)"

_FENCE = re.compile(r"\s*(?P<around>```|`|[*_])(?:[A-Za-z][\w+-]*(?=[\s{\[]))?(?P<inside>.*?)(?P=around)\s*", re.DOTALL)
_TOKEN = re.compile(
    "|".join(
        (
            r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)',
            *(rf"[{family}](?:[^{family}\\]|\\.)*+[{family}]" for family in _CURLY),
            rf"(?<!\w)[{_SINGLE}](?:[^{_SINGLE}\\]|\\.|{_APOSTROPHE})*+[{_SINGLE}]",
            # One that is never closed: nothing behind it is JSON, and another look for its end would find none either.
            rf"(?P<unclosed>(?:[{''.join(_CURLY)}]|(?<!\w)[{_SINGLE}]).*)",
            r"[^\S \t\r\n]|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]",
        )
    ),
    re.DOTALL,
)
_QUOTE_INSIDE = re.compile(rf'\\[{"".join(_CURLY)}{_SINGLE}]|\\.|"', re.DOTALL)


@dataclass(frozen=True)
class Repaired:
    """A text after repair, and its changes in words for people: none, if there was nothing to repair."""

    text: str = field(repr=False)
    changes: tuple[str, ...]
    places: tuple[tuple[int, int], ...]  # where a part starts: in `text`, and in what was typed

    def origin(self, offset: int) -> int:
        """Return the place in the typed text from which this place of `text` comes."""
        part = bisect_right(self.places, offset, key=lambda place: place[0]) - 1
        here, typed = self.places[part]
        after = self.places[part + 1][1] if part + 1 < len(self.places) else typed
        return min(typed + offset - here, after)


def repair(typed: str) -> Repaired:
    """Repair likely damage to JSON. The result need not be JSON: a strict parse decides."""
    fence = _FENCE.fullmatch(typed)
    start, end = fence.span("inside") if fence else (0, len(typed))
    changes = ["code fence removed" if "`" in fence["around"] else "emphasis removed"] if fence else []
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    length = 0

    def keep(part: str, origin: int) -> None:
        nonlocal length
        parts.append(part)
        places.append((length, origin))
        length += len(part)

    position = start
    for token in _TOKEN.finditer(typed, start, end):
        keep(typed[position : token.start()], position)
        part, change = (token[0], "") if token["unclosed"] else _mended(token[0])
        keep(part, token.start())
        if change and change not in changes:
            changes.append(change)
        position = token.end()
    keep(typed[position:end], position)
    keep("", end)
    return Repaired("".join(parts), tuple(changes), tuple(places))


def _mended(token: str) -> tuple[str, str]:
    """Return a token as JSON has it, and its change in words."""
    if token[0] == '"':
        return token, ""
    if len(token) == 1:
        return " ", "odd spaces made plain"
    return f'"{_QUOTE_INSIDE.sub(_escaped, token[1:-1])}"', "curly quotes made straight"


def _escaped(found: re.Match[str]) -> str:
    r"""Return the text with escapes for the new straight quotes: `"`, and `\“`, which was `\"` before it was bent."""
    if found[0] == '"' or found[0][1:] in "".join(_CURLY):
        return '\\"'
    if found[0][1:] in _SINGLE:
        return found[0][1:]
    return found[0]
