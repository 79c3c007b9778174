"""Bulk stops as rows: the sessions of one command, and the summary of their outcomes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage import alarms, commands, messages
from storage.connection import Connection
from storage.records import FINAL, Session
from storage.rows import marks, session_of, to_column


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """One bulk stop. `told_at` is when its list was complete; `closed_at` when nothing of it can change any more.

    `alarm` is the message about sessions that may still run then.
    """

    id: int
    command: int
    summary: int
    channel: str
    actor: str
    reason: str | None
    began_at: datetime
    told_at: datetime | None
    closed_at: datetime | None
    alarm: int | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One session of a bulk stop: `skipped` had ended before it was confirmed, `why_not` could not be asked.

    `given_up_at` is when this stop of it was first called not confirmed: a later stop does not undo that.
    """

    session: Session
    skipped: bool
    why_not: str | None
    given_up_at: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Return whether its outcome is known, or given up."""
        return self.is_closed or self.given_up_at is not None

    @property
    def is_closed(self) -> bool:
        """Return whether nothing about it can change any more, as of a bulk that is closed."""
        return self.skipped or self.why_not is not None or self.session.state.is_final


def begin(
    db: Connection,
    command: int,
    found: Sequence[Session],
    *,
    channel: str,
    actor: str,
    reason: str | None,
    now: datetime,
) -> Bulk:
    """Record a bulk stop and its summary; a resumed command finds the one it has begun."""
    if (begun := by_command(db, command)) is not None:  # One writer: the same command begins no second list meanwhile
        return begun
    summary = messages.add_summary(db, channel, {"text": ""}, command=command, now=now)
    db.execute(
        "insert into bulks (command, summary, channel, actor, reason, began_at) values (?, ?, ?, ?, ?, ?)",
        [command, summary.id, channel, actor, to_column(reason), to_column(now)],
    )
    bulk = by_command(db, command)
    if bulk is None:
        raise AssertionError(command)
    commands.mark_calling(db, command, now=now)
    db.execute(
        "insert into bulk_sessions (bulk, session, place, skipped)"
        f" select ?, sessions.id, cast(wanted.key as bigint), case when state in ({marks(FINAL)}) then 1 else 0 end"
        " from json_each(?) as wanted join sessions on sessions.id = cast(wanted.value as bigint)",
        [bulk.id, *FINAL, json.dumps([each.id for each in found])],
    )
    return bulk


def by_command(db: Connection, command: int) -> Bulk | None:
    """Return the bulk stop of a command, or None."""
    return next(iter(_all(db, "command = ?", [command])), None)


def unclosed(db: Connection) -> list[Bulk]:
    """Return the bulk stops of which something can still change, oldest first."""
    return _all(db, "closed_at is null", [])


def parts(db: Connection, bulk: Bulk) -> list[Part]:
    """Return the sessions of a bulk stop, in its order."""
    return _parts(db, "bulk = ?", [bulk.id])


def part_of(db: Connection, command: int, session_id: int) -> Part | None:
    """Return one session's part in the bulk stop of a command; None without either."""
    found = _parts(db, "session = ? and bulk = (select id from bulks where command = ?)", [session_id, command])
    return next(iter(found), None)


def _parts(db: Connection, where: str, values: Sequence[Any]) -> list[Part]:
    sql = (
        "select sessions.*, skipped, why_not, given_up_at from bulk_sessions"
        f" join sessions on sessions.id = bulk_sessions.session where {where} order by place"
    )
    return [
        Part(
            session=session_of(row),
            skipped=bool(row["skipped"]),
            why_not=row["why_not"],
            given_up_at=_time("given_up_at", row["given_up_at"]),
        )
        for row in db.query(sql, list(values))
    ]


def revision(db: Connection, bulk: Bulk) -> int:
    """Return the largest revision of its sessions: while it stays the same, none of them was written."""
    sql = "select max(revision) from bulk_sessions join sessions on sessions.id = bulk_sessions.session where bulk = ?"
    return int(db.execute(sql, [bulk.id]).fetchone()[0] or 0)


def mark_not_asked(db: Connection, bulk: Bulk, session_id: int, why_not: str) -> None:
    """Record why one of the sessions could not be asked to stop."""
    db.execute(
        "update bulk_sessions set why_not = ? where bulk = ? and session = ?",
        [to_column(why_not), bulk.id, session_id],
    )


def set_summary(db: Connection, bulk: Bulk, text: str) -> None:
    """Record this text of the summary, unless it is the present one."""
    summary = messages.get(db, bulk.summary)
    if summary is not None and (summary.body or {}).get("text") != text:
        messages.amend(db, summary.id, {"text": text})


def mark_told(db: Connection, bulk: Bulk, *, now: datetime) -> None:
    """Record that the outcome of each is known or given up, and that the whole list was posted."""
    db.execute("update bulks set told_at = ? where id = ? and told_at is null", [to_column(now), bulk.id])


def add_alarm(db: Connection, bulk: Bulk, body: Mapping[str, Any], session_id: int, *, now: datetime) -> None:
    """Record a new message about the sessions that may still run; `session_id` is one of them."""
    message = messages.add_summary(db, bulk.channel, body, command=bulk.command, now=now)
    alarms.add(db, bulk.channel, session_id, message.id, now=now)
    db.execute("update bulks set alarm = ? where id = ?", [message.id, bulk.id])


def close(db: Connection, bulk: Bulk, *, now: datetime) -> None:
    """Record that nothing of it can change any more."""
    db.execute("update bulks set closed_at = ? where id = ? and closed_at is null", [to_column(now), bulk.id])


def is_told_in_summary(db: Connection, session: Session) -> bool:
    """Return whether this session's stop is a bulk's, so that its thread gets no reply about it."""
    stop = session.stop
    return stop is not None and stop.command is not None and by_command(db, stop.command) is not None


def _all(db: Connection, where: str, values: Sequence[Any]) -> list[Bulk]:
    rows = db.query(f"select * from bulks where {where} order by id", list(values))
    return [Bulk(**{key: _time(key, value) for key, value in row.items()}) for row in rows]


def _time(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.endswith("_at") and value is not None else value
