"""A session's stop in its row: asked for, delivered, given up – every step compare-and-set."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from storage import commands, sessions
from storage.connection import Connection
from storage.records import FINAL, Session, State
from storage.rows import IS_OPEN, session_of
from storage.session_changes import change, change_each
from storage.stop import MAY_BE_ASKED, Arrived, StopState, in_sql

_OF_ANOTHER: Final = "(cast(:asking as bigint) is null or stop_command is distinct from :asking)"
_OR_ENDED_SINCE: Final = " or stop_state = 'settled' and (stop_asked_at is null or stop_given_up_at is not null)"


def take(
    db: Connection,
    session_id: int,
    *,
    by: str,
    reason: str | None,
    command: int | None,
    request_id: str,
    now: datetime,
    is_late: bool = False,
) -> Session | None:
    """Record a stop in the session's one place for it; None means that it is taken, or the session over.

    The stop's state decides whether it makes room for a new one. The command that holds the place already (resumed
    after a crash) keeps it, and its request id, unless the result of its delivery is known: one command asks once.
    A stop that `is_late` went out before it could be recorded, so it is also recorded in a session that ended since.
    """
    request_ids, asked = {session_id: request_id}, {"by": by, "reason": reason, "command": command, "now": now}
    return take_each(db, request_ids, **asked, is_late=is_late)[session_id]  # type: ignore[arg-type]


def take_each(
    db: Connection,
    request_ids: Mapping[int, str],
    *,
    by: str,
    reason: str | None,
    command: int | None,
    now: datetime,
    is_late: bool = False,
) -> dict[int, Session | None]:
    """Record the stops of several sessions, as `take` does; `request_ids` has one for each of them."""
    free = f"stop_state in {in_sql(MAY_BE_ASKED)}{_OR_ENDED_SINCE if is_late else ''}"
    changes = {
        "stop_by": by,
        "stop_reason": reason,
        "stop_command": command,
        "stop_asked_at": now,
        "stop_arrived": None,
        "stop_delivered_at": None,
        "stop_given_up_at": None,
        "stop_answer": None,
        "stop_taken_at": None,
        "stop_untaken_at": None,
        "last_event": "A stop was asked for.",
        "changed_at": now,
        "changed_by": by,
    }
    condition = f"({free}) and {_OF_ANOTHER}"
    changed = change_each(db, "stop_request_id", request_ids, changes, condition=condition, values={"asking": command})
    taken = {each: changed.get(each) or _held(db, each, command) for each in request_ids}
    if command is not None and any(taken.values()):
        commands.mark_calling(db, command, now=now)
    return taken


def _held(db: Connection, session_id: int, command: int | None) -> Session | None:
    """Return the session where this command's stop is recorded already, and not the result of its delivery."""
    held = None if command is None else _first(db, "id = ? and stop_command = ?", [session_id, command])
    return held if held is not None and held.stop is not None and held.stop.arrived is None else None


def on_their_way(db: Connection) -> list[Session]:
    """Return the sessions whose stop is on its way, oldest stop first: its process may be dead."""
    sql = f"select * from sessions where stop_state = ? and {IS_OPEN} order by stop_asked_at"
    return [session_of(row) for row in db.query(sql, [StopState.on_its_way])]


def record_arrival(
    db: Connection, session: Session, arrived: Arrived, *, by: str, event: str, now: datetime, answer: str | None = None
) -> Session | None:
    """Record that a stop arrived, perhaps arrived, or found nobody, and the session's following state.

    None means that the session is over, as it may be by the history before the answer is there. What the scenario has
    taken up did arrive, whatever its delivery could tell.
    """
    if session.stop is not None and session.stop.taken_at is not None:
        arrived = Arrived.yes
    columns = _arrival(arrived, now) | {"stop_answer": answer}
    to = State.unreachable if arrived is Arrived.nobody else State.stopping
    if arrived is Arrived.nobody and session.state is State.abandoned:
        columns["stop_given_up_at"] = now  # closed it stays, and makes room for another stop at once
    moved = sessions.move(db, session.id, to, by=by, event=event, now=now, **columns)
    changes = {"last_event": event, "changed_at": now, "changed_by": by, **columns}
    return moved or change(db, session.id, changes, f"state not in {in_sql(FINAL)}")


def record_late_arrival(
    db: Connection, session: Session, arrived: Arrived, *, by: str, event: str, now: datetime
) -> Session | None:
    """Record that a stop reached, or may have reached, a session that has ended."""
    return sessions.note(db, session.id, by=by, event=event, now=now, **_arrival(arrived, now))


def give_up(db: Connection, session_id: int, *, by: str, event: str, now: datetime) -> Session | None:
    """Record that a stop could not be sent, or was not confirmed in time: it makes room for another."""
    return sessions.note(db, session_id, by=by, event=event, now=now, stop_given_up_at=now)


def record_untaken(db: Connection, session: Session, *, by: str, event: str, now: datetime) -> Session | None:
    """Record that people are told that the scenario has not taken up the present stop; None where it has, by now."""
    changes = {"stop_untaken_at": now, "last_event": event, "changed_at": now, "changed_by": by}
    request_id = None if session.stop is None else session.stop.request_id
    condition = "stop_request_id = :taken and stop_taken_at is null and stop_untaken_at is null"
    return change(db, session.id, changes, condition, {"taken": request_id})


def close_record(db: Connection, session: Session, *, by: str, event: str, now: datetime) -> Session | None:
    """Close a session's record without confirmation; a stop that is waited for is given up, to make room."""
    given_up = {"stop_given_up_at": now} if session.stop_state.is_waited_for else {}
    return sessions.move(db, session.id, State.abandoned, by=by, event=event, now=now, **given_up)


def _arrival(arrived: Arrived, now: datetime) -> dict[str, Any]:
    delivered_at = None if arrived is Arrived.nobody else now
    return {"stop_arrived": arrived, "stop_delivered_at": delivered_at, "stop_given_up_at": None}


def _first(db: Connection, where: str, values: list[object]) -> Session | None:
    return next((session_of(row) for row in db.query(f"select * from sessions where {where}", values)), None)
