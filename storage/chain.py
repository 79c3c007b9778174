"""The chain of the audit: each line carries a hash of itself and of the hash before it, so that no change goes unseen.

The definition is of no database, so that an export can be verified by anybody:

field       for nothing `-`; else the number of its bytes in decimal digits, `:`, and its bytes; a text in UTF-8, a
            number in decimal digits
words hash  SHA-256 of the line's salt (16 random bytes) followed by its words in UTF-8; nothing where it has no words
hash        SHA-256 of the hash of the line before (32 bytes, zeros before the first line) followed by the fields id,
            at, subject, command, session, team, channel, actor, verb, via, was, became, words hash, in this order

The words are in the hash by their own hash alone: words and salt can be removed together, which is to *forget* them,
and the line is still verified. Forgetting is a note of the audit itself, with `forgotten` as what it is about, whose
words end in the numbers of the lines that it covers: `lines 3-9, 12.` It is never forgotten itself.

What was written last can be cut off unseen, unless its hash, the head, was kept elsewhere.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Final

FIELDS: Final = (
    "id",
    "at",
    "subject",
    "command",
    "session",
    "team",
    "channel",
    "actor",
    "verb",
    "via",
    "was",
    "became",
)
"""The fields of a line that stay as they are, in the order in which they are hashed; the hash of its words follows."""

SALT_BYTES: Final = 16
HASH_BYTES: Final = 32
BEGINNING: Final = bytes(HASH_BYTES)
"""The hash before the first line."""

FORGOTTEN: Final = "forgotten"
"""The subject of a note that covers removed words."""

_SPAN: Final = "[0-9]{1,19}(?:-[0-9]{1,19})?"
_COVERED: Final = re.compile(rf"\blines ({_SPAN}(?:, {_SPAN})*)\.\Z")


def hash_words(salt: bytes, words: bytes) -> bytes:
    """Return the hash of a line's words."""
    return sha256(salt + words).digest()


def hash_line(previous: bytes | None, fields: Sequence[bytes | int | None], words_hash: bytes | None) -> bytes:
    """Return the hash of a line; `previous` is None before the first one."""
    parts = [BEGINNING if previous is None else previous]
    for each in (*fields, words_hash):
        if each is None:
            parts.append(b"-")
        else:
            value = each if isinstance(each, bytes) else b"%d" % each
            parts.append(b"%d:%b" % (len(value), value))
    return sha256(b"".join(parts)).digest()


def covering_words(line_ids: Iterable[int]) -> str:
    """Return the end of the words of a note that covers these lines."""
    numbers = sorted(line_ids)
    starts = [numbers[0], *(later for earlier, later in pairwise(numbers) if later != earlier + 1)]
    ends = [*(earlier for earlier, later in pairwise(numbers) if later != earlier + 1), numbers[-1]]
    spans = (f"{start}-{end}" if start != end else f"{start}" for start, end in zip(starts, ends, strict=True))
    return f"lines {', '.join(spans)}."


def covered(words: str | None) -> list[range]:
    """Return the lines that a note covers, by its words."""
    found = _COVERED.search(words or "")
    if found is None:
        return []
    spans = (each.partition("-") for each in found[1].split(", "))
    return [range(int(start), int(end or start) + 1) for start, _, end in spans]


def covers(words: str | None, line_id: int) -> bool:
    """Return whether a note covers a line, by its words."""
    return any(line_id in each for each in covered(words))
