"""Selection and order of sessions in a list: those that need attention first, then the newest."""

from dataclasses import dataclass
from typing import Any, Final

from storage.connection import Connection
from storage.records import FINAL, Session, State
from storage.rows import session_of
from storage.stop import NEED_A_PERSON, in_sql

_LOST: Final = (State.unknown, State.uncontrolled, State.unreachable)


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """The selected sessions: of a workspace, in these states, and of a channel or a starter, if given."""

    team: str
    states: tuple[State, ...]
    channel: str | None = None
    starter: str | None = None


def needs_attention(session: Session) -> bool:
    """Return whether somebody should look at it: lost, unreachable, stop not confirmed, or over its time."""
    if session.seems_over:
        return False
    late = session.expect_told_at is not None or session.over_max_at is not None
    return session.state in _LOST or session.stop_state.needs_a_person or late


def listed(db: Connection, wanted: ListFilter, *, limit: int) -> list[Session]:
    """Return at most `limit` sessions in the order of a list; open ones before those that are over."""
    where = f"team = ? and state in ({_marks(wanted.states)})"
    values: list[Any] = [wanted.team, *wanted.states]
    for column, value in (("channel", wanted.channel), ("starter", wanted.starter)):
        if value is not None:
            where += f" and {column} = ?"
            values.append(value)
    order = f"state in ({_marks(FINAL)}), {_ATTENTION} desc, id desc"
    sql = f"select * from sessions where {where} order by {order} limit ?"
    return [session_of(row) for row in db.query(sql, [*values, *FINAL, *FINAL, *_LOST, limit])]


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" for _ in values)


_ATTENTION: Final = f"""(
    state not in ({_marks(FINAL)}) and end_seen_at is null and (
        state in ({_marks(_LOST)}) or stop_state in {in_sql(NEED_A_PERSON)}
        or expect_told_at is not null or over_max_at is not null
    )
)"""
"""`needs_attention`, as SQL."""
