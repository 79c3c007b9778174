"""Open sessions as they change: all of them once, and from then on only the rows that were written since.

A row's `revision` grows over all sessions with every write (a trigger raises it), so one number says how far somebody
has read. Beats and answers of the history that change nothing else do not count: thousands come a minute, and the beats
are read by themselves. The records hold no URL, only whether there is one: thousands are kept in memory.
"""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from storage.connection import Connection
from storage.records import Session
from storage.rows import IS_OPEN, marks, session_of

_URLS: Final = ("secure_url", "plain_url")
_A_URL: Final = b""
"""Stands for a sealed URL that was not read."""

_ALIKE: Final = (
    "team", "channel", "starter", "rule_name", "alias", "application_name", "rule_fingerprint", "last_event",
    "changed_by",
)  # fmt: skip
"""Texts that many sessions have in common: each is kept once."""


def revision(db: Connection) -> int:
    """Return the largest revision of a session, 0 without any."""
    return int(db.execute("select coalesce(max(revision), 0) from sessions").fetchone()[0])


def ids(db: Connection) -> list[int]:
    """Return the ids of the open sessions."""
    return sorted(each for (each,) in db.execute(f"select id from sessions where {IS_OPEN}"))


def of_ids(db: Connection, wanted: Sequence[int]) -> list[Session]:
    """Return those of these sessions that there are."""
    return _records(db, f"id in ({marks(wanted)})", wanted)


def written_since(db: Connection, known: int, *, limit: int) -> tuple[list[Session], int]:
    """Return the sessions with a larger revision than `known`, the oldest first, and the last of their revisions."""
    where = "revision > ? order by revision limit ?"
    rows = db.execute(f"select revision from sessions where {where}", [known, limit]).fetchall()
    return _records(db, where, [known, limit]), rows[-1][0] if rows else known


def beats(db: Connection) -> list[tuple[int, int | None, datetime]]:
    """Return each open session that announced itself, with its application and when it was heard of last."""
    sql = f"select id, application_id, heard_at from sessions where {IS_OPEN} and heard_at is not null"
    rows = db.execute(sql).fetchall()
    return [(id_, application_id, datetime.fromisoformat(heard_at)) for id_, application_id, heard_at in rows]


def _records(db: Connection, where: str, values: Sequence[int]) -> list[Session]:
    found = []
    for row in db.query(f"select * from sessions where {where}", values):
        row.update((name, _A_URL) for name in _URLS if row[name] is not None)
        row.update((name, sys.intern(row[name])) for name in _ALIKE if row[name] is not None)
        found.append(session_of(row))
    return found
