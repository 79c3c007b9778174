"""Known secrets in a text, hidden in other spellings too: spaced, split up, escaped, encoded, in other letters.

A session can show its own URL in its answer. Its shape is gone then, but the bot holds the URL at that moment
and knows its parts. Out of reach are a secret whose pieces of less than `_SHORTEST` letters
stand apart from each other, and a cipher.
"""

import base64
import binascii
import contextlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from bot.process import HIDDEN

_SHORTEST: Final = 8
_LONG: Final = 16
_SEPARATORS: Final = re.compile(r"[^0-9A-Za-z]+")
_ESCAPED: Final = re.compile(
    r"%(?:25){0,8}(?P<percent>[0-9a-f]{2})"
    r"|\\{1,8}u\{?(?P<unicode>[0-9a-f]{4,6})\}?"
    r"|\\{1,8}x(?P<byte>[0-9a-f]{2})"
    r"|&#x(?P<entity>[0-9a-f]{1,6});?"
    r"|&#(?P<decimal>[0-9]{1,7});?",
    re.IGNORECASE,
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_APART: Final = r"(?![0-9a-z])[^0-9a-z]{1,8}"
_DECIMALS: Final = re.compile(rf"(?<![0-9a-z])(?:[0-9]{{1,4}}{_APART}){{15,}}[0-9]{{1,4}}(?![0-9a-z])", re.IGNORECASE)
_HEXADECIMALS: Final = re.compile(
    rf"(?<![0-9a-z])(?:(?:0x)?[0-9a-f]{{1,4}}{_APART}){{15,}}(?:0x)?[0-9a-f]{{1,4}}(?![0-9a-z])", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"(?:0x)?([0-9a-f]+)", re.IGNORECASE)
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\[\s\S])*+)(?:"(?P<name>\s*+:)?|\\?\Z)')
_LINE: Final = re.compile(r"^[^0-9A-Za-z\n]{0,8}[0-9]{1,6}[.:)\]\s](.*)$", re.MULTILINE)
_HEX: Final = re.compile(r"[0-9A-Fa-f]{2}(?:[ :,-]?[0-9A-Fa-f]{2}){15,}")

Fold = list[tuple[str, int, int]]
"""The letters and digits of a text, case-folded, each with where in the text it stands: from, to."""


def secret_parts(url: str) -> list[str]:
    """Return the parts of a session URL that are secret by themselves: of its path and of its query.

    A short run of digits is none: the path holds a moment and an address, which stand in many texts.
    """
    behind_the_host = url.partition("://")[2].partition("/")[2]
    pieces = _SEPARATORS.split(behind_the_host)
    return [each for each in pieces if len(each) >= _LONG or (len(each) >= _SHORTEST and not each.isdigit())]


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return the text with `[hidden]` wherever eight letters of a secret follow each other, however written."""
    letters = {_letters(secret) for secret in secrets}
    pieces = {piece for each in letters for way in (each, each[::-1]) for piece in _pieces(way)}
    if not pieces:
        return text
    spans = sorted({span for find in _WAYS for span in find(text, pieces)})
    parts: list[str] = []
    at = 0
    for start, end in spans:
        if start >= at:
            parts += [text[at:start], HIDDEN]
        at = max(at, end)
    return "".join(parts) + text[at:]


def unescaped(text: str) -> str:
    """Return the text with the escapes of URLs, JSON and HTML undone, once."""
    return _ESCAPED.sub(_decoded, text)


def _pieces(letters: str) -> Iterator[str]:
    for start in range(len(letters) - _SHORTEST + 1):
        yield letters[start : start + _SHORTEST]


def _as_written(text: str, pieces: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the secrets without decoding: between their letters anything else may stand."""
    if _holds(_letters(text), pieces):
        yield from _spans(_fold(text, 0, len(text)), pieces)


def _escaped(text: str, pieces: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the secrets after escapes of URLs, JSON and HTML are undone."""
    if not _holds(_letters(unescaped(text)), pieces):
        return
    folded: Fold = []
    at = 0
    for escape in _ESCAPED.finditer(text):
        folded += _fold(text, at, escape.start())
        folded += [(letter, escape.start(), escape.end()) for letter in _letters(_decoded(escape))]
        at = escape.end()
    yield from _spans(folded + _fold(text, at, len(text)), pieces)


def _in_parts(text: str, pieces: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the secrets that names, or the numbers of lines, split: each part by itself."""
    for shape in (_QUOTED, _LINE):
        parts = [found.span(1) for found in shape.finditer(text) if not found.groupdict().get("name")]
        if not _holds(_letters("".join(text[start:end] for start, end in parts)), pieces):
            continue
        found = _spans([each for start, end in parts for each in _fold(text, start, end)], pieces)
        for first, last in found:
            yield from ((max(first, a), min(last, b)) for a, b in parts if max(first, a) < min(last, b))


def _encoded(text: str, pieces: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the texts that hold a secret when decoded as base64 or as the numbers of its letters."""
    for shape, decode in _ENCODINGS:
        for found in shape.finditer(text):
            if any(_holds(_letters(decoded), pieces) for decoded in decode(found[0])):
                yield found.span()


_WAYS: Final[tuple[Callable[[str, set[str]], Iterator[tuple[int, int]]], ...]] = (
    _as_written,
    _escaped,
    _in_parts,
    _encoded,
)


def _holds(letters: str, pieces: set[str]) -> bool:
    return any(piece in letters for piece in pieces)


def _spans(folded: Fold, pieces: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of the pieces in the text; overlapping pieces are one."""
    letters = "".join(letter for letter, _, _ in folded)
    begin = end = -1
    for at in range(len(letters) - _SHORTEST + 1):
        if letters[at : at + _SHORTEST] not in pieces:
            continue
        if begin >= 0 and at > end:
            yield folded[begin][1], folded[end - 1][2]
            begin = -1
        begin = at if begin < 0 else begin
        end = at + _SHORTEST
    if begin >= 0:
        yield folded[begin][1], folded[end - 1][2]


def _fold(text: str, start: int, end: int) -> Fold:
    return [(letter, at, at + 1) for at in range(start, end) for letter in _letters(text[at])]


def _letters(text: str) -> str:
    """Return only letters and digits, case-folded and in their plain forms."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, plain.casefold()))


def _decoded(escape: re.Match[str]) -> str:
    if (decimal := escape["decimal"]) is not None:
        code = int(decimal)
    else:
        code = int(escape["percent"] or escape["unicode"] or escape["byte"] or escape["entity"], 16)
    return chr(code) if code <= 0x10FFFF else ""  # noqa: PLR2004 - the last character there is


def _from_base64(text: str) -> Iterator[str]:
    """Yield the text's decoded base64, beginning anywhere in it, and that text's own."""
    plain = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    for begun in range(4):
        once = _unbased(plain[begun:])
        yield once
        for inside in _BASE64.findall(once):
            yield _unbased(inside.rstrip("="))


def _unbased(text: str) -> str:
    text = text[: len(text) - (len(text) % 4 == 1)]
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("latin-1")
    except (ValueError, binascii.Error):
        return ""


def _from_hex(text: str) -> Iterator[str]:
    yield bytes.fromhex("".join(c for c in text if c.isalnum())).decode("latin-1")


def _from_numbers(text: str) -> Iterator[str]:
    """Yield the letters whose codes are listed, in each base in which all of them are numbers."""
    codes = _NUMBER.findall(text)
    for base in (8, 10, 16):
        with contextlib.suppress(ValueError):
            yield "".join(map(chr, (int(code, base) for code in codes)))


_ENCODINGS: Final = (
    (_BASE64, _from_base64),
    (_HEX, _from_hex),
    (_DECIMALS, _from_numbers),
    (_HEXADECIMALS, _from_numbers),
)
