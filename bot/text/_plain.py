"""Neutral text → the words alone: for files, logs, terminals, and fields that take no markup. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from bot.text._neutral import Piece, TokenKind, text_pieces

_LINE_END: Final = re.compile("\r\n?|[\u0085\u2028\u2029]")
_STEERS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_SIGNS: Final = {TokenKind.person: "@", TokenKind.call: "@", TokenKind.channel: "#", TokenKind.group: ""}


def plain(text: str, name_of: Callable[[str], str] = str) -> str:
    """Return the words of a neutral text, visible; `name_of` returns what people, channels and groups are called."""
    return "".join(_words(text_pieces(text), name_of))


def visible(text: str) -> str:
    """Return text whose characters all show, and stay where they stand: no control characters but tab and newline."""
    return _HALF.sub("\ufffd", _STEERS.sub("", _LINE_END.sub("\n", text)))


def _words(of: Sequence[Piece], name_of: Callable[[str], str]) -> Iterator[str]:
    for piece in of:
        if isinstance(piece, str):
            yield visible(piece)
        elif piece.kind in _SIGNS:
            yield f"{_SIGNS[piece.kind]}{visible(name_of(piece.letters))}"
        else:
            yield from _words(piece.inside, name_of)
