"""Selection and order of sessions in a list: those that need attention first, then the newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from storage.connection import Connection
from storage.records import Origin, Session, State
from storage.rows import IS_OPEN, IS_OVER, marks, session_of
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

    @property
    def is_of_open(self) -> bool:
        """Return whether open sessions may be among them."""
        return any(not each.is_final for each in self.states)

    @property
    def is_of_over(self) -> bool:
        """Return whether sessions that are over may be among them: none of those is silent."""
        return self.silent is None and any(each.is_final for each in self.states)


def needs_attention(session: Session) -> bool:
    """Return whether somebody should look at it: lost, unreachable, silent, stop not confirmed, or over its time."""
    if session.seems_over:
        return False
    late = session.expect_told_at is not None or session.over_max_at is not None
    is_silent = session.silent_at is not None
    return session.state in _LOST or session.stop_state.needs_a_person or late or is_silent


def listed(db: Connection, wanted: ListFilter, *, limit: int) -> list[Session]:
    """Return at most `limit` sessions in the order of a list; open ones before those that are over."""
    found = _open(db, wanted, limit) if wanted.is_of_open else []
    return found + _over(db, wanted, limit - len(found)) if wanted.is_of_over else found


def oldest(db: Connection, wanted: ListFilter, *, after: int = 0, limit: int) -> list[Session]:
    """Return at most `limit` sessions, in the order in which they were recorded, of those `after` this id."""
    where, values = _where(wanted)
    found = list[Session]()
    for part, is_wanted in ((IS_OPEN, wanted.is_of_open), (IS_OVER, wanted.is_of_over)):
        if is_wanted:
            sql = f"select * from sessions where {where} and {part} and id > ? order by id limit ?"
            found += [session_of(row) for row in db.query(sql, [*values, after, limit])]
    return sorted(found, key=lambda each: each.id)[:limit]


def rules_of(db: Connection, wanted: ListFilter) -> list[RuleName]:
    """Return the rules of the selected sessions, each name that they had once.

    Where those that are over are selected, too, it is those of every session of the workspace.
    """
    if wanted.is_of_over:
        sql = "select rule_id, nullif(rule_name, '') from session_rules where team = ?"
        return list(db.execute(sql, [wanted.team]).fetchall())
    where, values = _where(wanted)
    sql = f"select distinct rule_id, rule_name from sessions where {where} and {IS_OPEN}"
    return list(db.execute(sql, values).fetchall())


def _open(db: Connection, wanted: ListFilter, limit: int) -> list[Session]:
    where, values = _where(wanted)
    order = f"{ATTENTION} desc, id desc"
    first = f"select id from sessions where {where} and {IS_OPEN} order by {order} limit ?"  # whole rows sort slowly
    sql = f"select * from sessions where id in ({first}) order by {order}"
    return [session_of(row) for row in db.query(sql, [*values, *OF_ATTENTION, limit, *OF_ATTENTION])]


def _over(db: Connection, wanted: ListFilter, limit: int) -> list[Session]:
    """Return the newest of the selected ones that are over; of several rules, the newest of each are read."""
    rules = None if wanted.rules is None else _with_sessions(db, wanted.team, wanted.rules)
    if wanted.needs_attention:
        of_rules = _with_sessions(db, wanted.team, wanted.or_rules)
        rules = of_rules if rules is None else rules & of_rules
    where, values = _where(wanted)
    sql = f"select * from sessions where {where} and {IS_OVER}"
    end = "order by id desc limit ?"
    if rules is None:
        return [session_of(row) for row in db.query(f"{sql} {end}", [*values, limit])]
    found = list[Session]()
    for rule in sorted(rules):
        found += map(session_of, db.query(f"{sql} and rule_id = ? {end}", [*values, rule, limit]))
    return sorted(found, key=lambda each: -each.id)[:limit]


def _with_sessions(db: Connection, team: str, rules: Sequence[RuleName]) -> set[int]:
    """Return the ids of those rules that sessions ever had by that name: for another all of the id would be read."""
    sql = f"select distinct rule_id from session_rules where team = ? and {_of_rules(rules)}"
    return {number for (number,) in db.execute(sql, [team, *_of_both(rules)]).fetchall()}


def _where(wanted: ListFilter) -> tuple[str, list[Any]]:
    conditions = ["team = ?", f"state in ({marks(wanted.states)})"]
    values: list[Any] = [wanted.team, *wanted.states]
    for column in ("channel", "starter", "origin"):
        if (value := getattr(wanted, column)) is not None:
            conditions.append(f"{column} = ?")
            values.append(value)
    if wanted.origin is Origin.elsewhere:
        conditions.append("starter = ''")  # nobody started it; by its starter it is found in an index
    if wanted.rules is not None:
        conditions.append(_of_rules(wanted.rules))
        values += _of_both(wanted.rules)
    if wanted.silent is not None:
        conditions.append(_SILENT)
        values.append(wanted.silent / _DAY - _ROUNDING)
    if wanted.needs_attention:
        conditions.append(f"({ATTENTION} or {_of_rules(wanted.or_rules)})")
        values += [*OF_ATTENTION, *_of_both(wanted.or_rules)]
    return " and ".join(conditions), values


def _of_rules(rules: Sequence[RuleName]) -> str:
    if not rules:
        return "1 = 0"
    each = ", ".join("(cast(? as bigint), cast(? as text))" for _ in rules)
    return f"(rule_id, coalesce(rule_name, '')) in (values {each})"


def _of_both(rules: Sequence[RuleName]) -> list[int | str]:
    return [value for number, name in rules for value in (number, name or "")]


_OPEN: Final = f"{IS_OPEN} and end_seen_at is null"

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

OF_ATTENTION: Final = _LOST
