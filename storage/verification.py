"""Verification of the audit's chain (see `storage.chain`): every line, in their order, in constant memory.

Each line is compared with its own hash, made with the hash that the line before carries, so that a change is found
where it was made, and not again in all the lines after it.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from storage import audit
from storage.chain import FIELDS, FORGOTTEN, covered, hash_line, hash_words
from storage.connection import Connection
from storage.inspection import (
    audit_columns,
    foreign_triggers,
    last_written,
    missing_triggers,
    statements_of,
    steps_left,
)

_MOST: Final = 20
"""The number of problems that are told; further ones are counted."""

_AS_BYTES: Final = (*FIELDS[1:], "words", "salt", "words_hash", "hash")
"""The columns that are read as bytes: each value is of its kind, whatever somebody has put into the table."""

_BESIDE_FIELDS: Final = ("words", "salt", "words_hash", "hash", "forgotten_by")


@dataclass(kw_only=True)
class Verified:
    """The result of a verification.

    `head` is the hash of the last line, whose number is `last`; `kept` is the number of the line with the hash that was
    kept elsewhere. `problems` are sentences, of which `untold` more were found.
    """

    lines: int = 0
    last: int = 0
    head: bytes | None = None
    kept: int | None = None
    problems: list[str] = field(default_factory=list)
    untold: int = 0

    def add(self, problem: str) -> None:
        """Add a problem."""
        if len(self.problems) < _MOST:
            self.problems.append(problem)
        else:
            self.untold += 1


def verify(db: Connection, head: bytes | None = None) -> Verified:  # noqa: C901 - one question of a line after another
    """Verify every line, and that one of them has the hash `head`, which was kept elsewhere.

    All of it is of one moment where the connection is in a transaction.
    """
    found = Verified()
    if lacking := _lacking(db):
        found.add(lacking)
        return found
    if not steps_left(db):  # later steps bring further triggers
        _look_at_triggers(db, found)
    lines_of_note = lru_cache(maxsize=8)(lambda note: _covered(db, note))  # lines of one note stand together
    for number, *line, salt, words_hash, kept, note in db.execute(_lines(db)):
        *fields, words = line
        before, previous = found.last, found.head
        found.lines, found.last, found.head = found.lines + 1, number, kept
        if kept is None:
            found.add(f"Line {number} has no hash: something other than the bot has written it, or removed the hash.")
        elif hash_line(previous, (number, *fields), words_hash) != kept:
            found.add(_misfit(number, before))
        elif words is None and words_hash is not None:
            if not (note and any(number in each for each in lines_of_note(note))):
                found.add(f"The words of line {number} were removed, and no line of the audit says so.")
        elif words is not None and (salt is None or hash_words(salt, words) != words_hash):
            found.add(f"The words of line {number} were changed.")
        if head is not None and kept == head:
            found.kept = number
    if (written := last_written(db, "audit")) > found.last:
        found.add(f"{_numbers(found.last + 1, written)} missing at the end.")
    if head is not None and found.kept is None:
        found.add(
            "No line has the hash that you kept: lines were cut off or rewritten since you kept it, or this is another "
            "database, or a backup from before."
        )
    return found


def _lines(db: Connection) -> str:
    columns = ", ".join(map(statements_of(db).as_bytes, _AS_BYTES))
    return f"select id, {columns}, cast(forgotten_by as bigint) from audit order by id"


def _look_at_triggers(db: Connection, found: Verified) -> None:
    """Add a problem where triggers are missing, or where some are not the bot's."""
    if missing := missing_triggers(db):
        found.add(f"The database lacks {', '.join(sorted(missing))}, so that the audit has gaps.")
    if foreign := foreign_triggers(db):
        names = ", ".join(sorted(foreign))
        found.add(f"The bot has not made the trigger {names} as it is, so that the audit may have gaps.")


def has_no_hashes_yet(db: Connection) -> bool:
    """Return whether it is of an earlier version, whose audit has no hashes: the next start of the bot makes them."""
    return not audit.is_chained(db) and steps_left(db) > 0


def _lacking(db: Connection) -> str | None:
    """Return a sentence where the table of the audit, or a part of it, was taken away."""
    there = audit_columns(db)
    if not there:
        return "The table of the audit is not there."
    gone = [each for each in (*FIELDS, *_BESIDE_FIELDS) if each not in there]
    return f"The table of the audit lacks {', '.join(gone)}." if gone else None


def _misfit(number: int, before: int) -> str:
    if number > before + 1:
        return f"{_numbers(before + 1, number - 1)} missing, or line {number} was changed."
    follows = f", or line {before} is not the one after which it was written" if before else ""
    return f"Line {number} is not as it was written{follows}."


def _covered(db: Connection, note: int) -> list[range]:
    """Return the lines that a note covers; none where it is no such note."""
    words = statements_of(db).as_bytes("words")
    sql = f"select {words} from audit where id = ? and subject = 'note' and became = ?"
    row = db.execute(sql, [note, FORGOTTEN]).fetchone()
    return [] if row is None or row[0] is None else covered(row[0].decode(errors="replace"))


def head(db: Connection) -> tuple[int, str] | None:
    """Return the number of the last line and its hash, in hexadecimal digits; None for an audit without lines."""
    row = db.execute("select id, hash from audit order by id desc limit 1").fetchone()
    return None if row is None or row[1] is None else (int(row[0]), row[1].hex())


def _numbers(first: int, last: int) -> str:
    return f"Line {first} is" if first == last else f"Lines {first} to {last} are"
