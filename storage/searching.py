"""Sessions for a search: of each only the columns in which words are looked for, a bounded number at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from storage.connection import Connection
from storage.listing import ATTENTION, OF_ATTENTION
from storage.records import Session
from storage.rows import IS_OPEN, IS_OVER, marks, session_of


@dataclass(frozen=True, slots=True)
class Searched:
    """The columns of a session in which words are looked for, and its place in the order of a list."""

    id: int
    is_open: bool
    needs_attention: bool
    is_silent: bool
    rule_id: int
    rule_name: str | None
    alias: str | None
    application_id: int | None
    application_name: str | None
    history_id: int | None
    custom_data: str | None = field(repr=False)


def open_before(db: Connection, team: str, *, before: int, limit: int) -> list[Searched]:
    """Return the open sessions with smaller ids than this one, the newest first, at most so many."""
    return _searched(db, f"team = ? and {IS_OPEN} and id < ? order by id desc limit ?", [team, before, limit])


def over_before(db: Connection, team: str, *, before: int, limit: int) -> list[Searched]:
    """Return the sessions that are over with smaller ids than this one, the newest first, at most so many."""
    return _searched(db, f"team = ? and {IS_OVER} and id < ? order by id desc limit ?", [team, before, limit])


def of_history(db: Connection, team: str, history_ids: Sequence[int]) -> list[Searched]:
    """Return the sessions that the platform knows by these numbers."""
    return _searched(db, f"team = ? and history_id in ({marks(history_ids)})", [team, *history_ids])


def by_ids(db: Connection, ids: Sequence[int]) -> list[Session]:
    """Return the sessions with these ids, in their order."""
    rows = db.query(f"select * from sessions where id in ({marks(ids)})", list(ids))
    found = {session.id: session for session in map(session_of, rows)}
    return [found[each] for each in ids if each in found]


def _searched(db: Connection, where: str, values: list[Any]) -> list[Searched]:
    columns = (
        f"id, {IS_OPEN}, {ATTENTION}, silent_at is not null, rule_id, rule_name, alias,"
        " application_id, application_name, history_id, custom_data"
    )
    rows = db.execute(f"select {columns} from sessions where {where}", [*OF_ATTENTION, *values])
    return [
        Searched(number, bool(is_open), bool(attention), bool(silent), *facts)
        for number, is_open, attention, silent, *facts in rows
    ]
