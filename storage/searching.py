"""Sessions for a search: of each only the columns in which words are looked for, in bounded parts of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.connection import Connection
from storage.listing import ATTENTION, OF_ATTENTION
from storage.records import FINAL, Session, State
from storage.rows import marks, session_of


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
    custom_data: str | None


def of_span(db: Connection, team: str, states: Sequence[State], *, before: int, span: int) -> list[Searched]:
    """Return the sessions in these states of a span of ids that ends before this one, the newest first.

    However many fit, a bounded part of the table is read, in its own order.
    """
    where = f"team = ? and state in ({marks(states)}) and id < ? and id >= ? order by id desc"
    return _searched(db, "not indexed", where, [team, *states, before, before - span])


def of_history(db: Connection, team: str, history_ids: Sequence[int]) -> list[Searched]:
    """Return the sessions that the platform knows by these numbers."""
    return _searched(db, "", f"team = ? and history_id in ({marks(history_ids)})", [team, *history_ids])


def newest_id(db: Connection) -> int:
    """Return the id of the session that was recorded last; 0 where there is none."""
    return int(db.execute("select ifnull(max(id), 0) from sessions").fetchone()[0])


def by_ids(db: Connection, ids: Sequence[int]) -> list[Session]:
    """Return the sessions with these ids, in their order."""
    rows = db.query(f"select * from sessions where id in ({marks(ids)})", list(ids))
    found = {session.id: session for session in map(session_of, rows)}
    return [found[each] for each in ids if each in found]


def _searched(db: Connection, index: str, where: str, values: list[Any]) -> list[Searched]:
    columns = (
        f"id, state not in ({marks(FINAL)}), {ATTENTION}, silent_at is not null, rule_id, rule_name, alias,"
        " application_id, application_name, history_id, custom_data"
    )
    rows = db.execute(f"select {columns} from sessions {index} where {where}", [*FINAL, *OF_ATTENTION, *values])
    return [
        Searched(number, bool(is_open), bool(attention), bool(silent), *facts)
        for number, is_open, attention, silent, *facts in rows
    ]
