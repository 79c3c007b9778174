"""Selection and order of sessions in a list: those that need attention first, then the newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from storage.connection import Connection
from storage.records import FINAL, Origin, Session, State
from storage.rows import marks, session_of
from storage.stop import NEED_A_PERSON, in_sql

_LOST: Final = (State.unknown, State.uncontrolled, State.unreachable)
_DAY: Final = timedelta(days=1)
_ROUNDING: Final = 1e-8
"""The days, a millisecond, that may be lost where SQLite reads a moment as a day with a fraction."""

RuleName = tuple[int, str | None]
"""A rule as sessions name it: its id, and the name that it had at their start."""


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """The selected sessions: of a workspace, in these states; every other filter narrows them down if it is given.

    `silent` selects open ones that announced themselves and, as of the last whole round that read their application,
    were not heard of for so long. `needs_attention` selects those, and those of the rules in `or_rules`.
    """

    team: str
    states: tuple[State, ...]
    channel: str | None = None
    starter: str | None = None
    origin: Origin | None = None
    rules: Sequence[RuleName] | None = None
    silent: timedelta | None = None
    needs_attention: bool = False
    or_rules: Sequence[RuleName] = ()


def needs_attention(session: Session) -> bool:
    """Return whether somebody should look at it: lost, unreachable, silent, stop not confirmed, or over its time."""
    if session.seems_over:
        return False
    late = session.expect_told_at is not None or session.over_max_at is not None
    is_silent = session.silent_at is not None
    return session.state in _LOST or session.stop_state.needs_a_person or late or is_silent


def listed(db: Connection, wanted: ListFilter, *, limit: int) -> list[Session]:
    """Return at most `limit` sessions in the order of a list; open ones before those that are over."""
    where, values = _where(wanted)
    order = f"state in ({marks(FINAL)}), {ATTENTION} desc, id desc"
    first = f"select id from sessions where {where} order by {order} limit ?"  # whole rows are slow to sort
    sql = f"select * from sessions where id in ({first}) order by {order}"
    ordered = [*FINAL, *OF_ATTENTION]
    return [session_of(row) for row in db.query(sql, [*values, *ordered, limit, *ordered])]


def oldest(db: Connection, wanted: ListFilter, *, after: int = 0, limit: int) -> list[Session]:
    """Return at most `limit` sessions, in the order in which they were recorded, of those `after` this id."""
    where, values = _where(wanted)
    sql = f"select * from sessions where {where} and id > ? order by id limit ?"
    return [session_of(row) for row in db.query(sql, [*values, after, limit])]


def rules_of(db: Connection, wanted: ListFilter) -> list[RuleName]:
    """Return the rules of the selected sessions, each name that they had once."""
    where, values = _where(wanted)
    return list(db.execute(f"select distinct rule_id, rule_name from sessions where {where}", values).fetchall())


def _where(wanted: ListFilter) -> tuple[str, list[Any]]:
    conditions = ["team = ?", f"state in ({marks(wanted.states)})"]
    values: list[Any] = [wanted.team, *wanted.states]
    for column in ("channel", "starter", "origin"):
        if (value := getattr(wanted, column)) is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    if wanted.rules is not None:
        conditions.append(_of_rules(wanted.rules))
        values += _of_both(wanted.rules)
    if wanted.silent is not None:
        conditions.append(_SILENT)
        values += [*FINAL, wanted.silent / _DAY - _ROUNDING]
    if wanted.needs_attention:
        conditions.append(f"({ATTENTION} or {_of_rules(wanted.or_rules)})")
        values += [*OF_ATTENTION, *_of_both(wanted.or_rules)]
    return " and ".join(conditions), values


def _of_rules(rules: Sequence[RuleName]) -> str:
    if not rules:
        return "0"
    return f"(rule_id, ifnull(rule_name, '')) in (values {', '.join('(?, ?)' for _ in rules)})"


def _of_both(rules: Sequence[RuleName]) -> list[int | str]:
    return [value for number, name in rules for value in (number, name or "")]


_OPEN: Final = f"state not in ({marks(FINAL)}) and end_seen_at is null"

_SILENT: Final = f"""(
    {_OPEN} and exists (
        select 1 from announcements where announcements.application_id = sessions.application_id
            and julianday(announcements.read_at) - julianday(sessions.heard_at) >= ?
    )
)"""
"""Heard of so many days before what was read last, or longer: where reading fails, nobody becomes silent."""

ATTENTION: Final = f"""(
    {_OPEN} and (
        state in ({marks(_LOST)}) or stop_state in {in_sql(NEED_A_PERSON)}
        or expect_told_at is not null or over_max_at is not null or silent_at is not null
    )
)"""
"""`needs_attention`, as SQL."""

OF_ATTENTION: Final = (*FINAL, *_LOST)
