"""A session's log, cleaned for reading: no URL, no key, phone numbers cut to their last digits, no steering signs.

Pure and slow (up to a megabyte of text): to be called in a thread, and in pieces, so that no other thread has
to wait long for its turn.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from bot.process import Redactor
from bot.text._answer_text import masked, masked_values
from bot.text._control_characters import harmless
from bot.text._json import mask_all
from bot.text._known_secrets import hide_secrets
from bot.text._phones import without_numbers

LOG_LIMIT_BYTES: Final = 1_000_000

_OVERLAP_BYTES: Final = 8_192  # longer than any secret in any spelling
_PIECE: Final = 32_768
_PEM_BEGINS, _PEM_ENDS = "-----BEGIN", "-----END"
_LONGEST_PEM: Final = 16_384
_SHORTEST_PART: Final = 12
_BEGINNING: Final = 8  # characters of a secret by which it is looked for first

_OPENING: Final = re.compile(r"[\[{\"]")
_OPENINGS: Final = 8  # of a line, tried as the beginning of JSON
_LONG_LINE: Final = re.compile(
    r"^[^\n]{16385,}", re.MULTILINE
)  # looking for secrets in it would hold up everybody else


def clean_log(
    raw: bytes,
    *,
    is_cut: bool,
    secrets: Iterable[str],
    own: Sequence[str] = (),
    sent: str | None = None,
    phone_digits: int,
) -> str:
    """Return the log's text, at most a megabyte of UTF-8, its end if there is more.

    Lines of more than 16 kB are replaced by a note.

    `is_cut` is true when `raw` has lost its beginning: the line that was cut in two is dropped, as half a secret has
    no shape. `secrets` are texts to be hidden everywhere, `own` those of the session itself,
    in other spellings too. In JSON at a line's end values under telling names are masked, and so are the values that
    `mask` hides of the data `sent` to its start. Of each phone number the last `phone_digits` digits stay; of
    15 or more, all of them.
    """
    text = (_from_a_line(raw) if is_cut else raw).decode("utf-8", "replace")
    text = _LONG_LINE.sub(lambda line: f"[a line of {len(line[0])} characters is left out]", text)
    redactor = Redactor(_found(text, secrets))
    values = set() if sent is None else masked_values(sent)
    cleaned = [
        without_numbers(masked(_without_telling(hide_secrets(redactor.scrub(piece), own)), values), phone_digits)
        for piece in _pieces(text)
    ]
    return _end_of(harmless("".join(cleaned)))


def url_and_secrets(url: str) -> list[str]:
    """Return a session URL and its secret parts: those of its path."""
    path = url.partition("://")[2].partition("/")[2]
    parts = [url, *(part for part in re.split(r"[/?]", path) if len(part) >= _SHORTEST_PART)]
    return [*parts, *(part.lower() for part in parts)]


def _from_a_line(raw: bytes) -> bytes:
    end = raw.find(b"\n", 0, _OVERLAP_BYTES)
    return raw[_OVERLAP_BYTES if end < 0 else end + 1 :]


def _found(text: str, secrets: Iterable[str]) -> list[str]:
    """Return the secrets whose letters are there: tens of thousands are known, so the text is gone through once."""
    folded = text.casefold()
    letters = {secret: secret.rpartition("/")[2].casefold() for secret in secrets}
    beginnings = {each[:_BEGINNING] for each in letters.values()}
    there = {piece for at in range(len(folded)) if (piece := folded[at : at + _BEGINNING]) in beginnings}
    return [
        secret
        for secret, each in letters.items()
        if (len(each) < _BEGINNING or each[:_BEGINNING] in there) and each in folded
    ]


def _pieces(text: str) -> Iterator[str]:
    """Yield pieces that end with a line, so that no secret is cut in two; a key of several lines stays whole."""
    start = 0
    while start < len(text):
        end = _line_end(text, start + _PIECE)
        begun = text.rfind(_PEM_BEGINS, start, end)
        if begun >= 0 and text.find(_PEM_ENDS, begun, end) < 0:
            closed = text.find(_PEM_ENDS, end, begun + _LONGEST_PEM)
            end = _line_end(text, closed) if closed >= 0 else end
        yield text[start:end]
        start = end


def _without_telling(piece: str) -> str:
    """Mask, line by line, the JSON at the end of a line: scenarios log the data they get so."""
    return "\n".join(map(_masked_at_end, piece.split("\n")))


def _masked_at_end(line: str) -> str:
    for opening in islice(_OPENING.finditer(line), _OPENINGS):
        if _is_json(line[opening.start() :]):
            return line[: opening.start()] + mask_all(line[opening.start() :])
    return line


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1


def _end_of(text: str) -> str:
    """Return the last megabyte, from a line's beginning on if there is one."""
    raw = text.encode("utf-8", "replace")
    if len(raw) <= LOG_LIMIT_BYTES:
        return text
    kept = raw[-LOG_LIMIT_BYTES:]
    end = kept.find(b"\n", 0, _OVERLAP_BYTES)
    return (kept[end + 1 :] if end >= 0 else kept).decode("utf-8", "ignore")
