"""One line of a source with a caret below it, cut where it is long."""

import unicodedata
from typing import Final

from bot.cli.scenario.check.source._tokens import line_starts

_WINDOW: Final = 76


def excerpt(text: str, line: int, column: int) -> str:
    """Return a line and, below it, a caret at the column; both count from 1. A place outside of the text has none."""
    starts = line_starts(text)
    if not 1 <= line <= len(starts):
        return ""
    end = starts[line] if line < len(starts) else len(text)
    content = text[starts[line - 1] : end].rstrip("\r\n\u2028\u2029")
    at = min(max(column - 1, 0), len(content))
    left = max(0, at - _WINDOW // 2)
    right = left + _WINDOW
    before = "…" * (left > 0) + _shown(content[left:at])
    after = _shown(content[at:right]) + "…" * (right < len(content))
    return f"{before}{after}\n{' ' * _width(before)}^"


def _shown(text: str) -> str:
    """Return the text with one sign for each character: a space for a tab, a dot for what cannot be seen."""
    return "".join(" " if each.isspace() else each if each.isprintable() else "·" for each in text)


def _width(text: str) -> int:
    """Return the columns that a text takes: wide letters are two, combining ones none."""
    return sum(0 if unicodedata.combining(each) else 1 + (unicodedata.east_asian_width(each) in "WF") for each in text)
