"""Alarms as rows, so that many at once in a channel become one message, which is written once for all of them.

An alarm has a message of its own, or is a `line` of a grouped one. A line that is written is shown by `show`, later and
together with the others: a message that was rewritten for each of thousands would hold up everything else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.connection import Connection
from storage.records import FINAL
from storage.rows import marks, to_column


class AlarmKind(StrEnum):
    """The kind of an alarm that is over before its session is."""

    silence = "silence"
    """Over when the session is heard of again."""


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The contents of a grouped message: how many sessions call, how many do no more, and the first lines of each."""

    calling: int
    over: int
    lines: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm that is to be called off; `is_line` is true in a grouped message."""

    id: int
    session: int
    message: int
    is_line: bool


def add(
    db: Connection,
    channel: str,
    session_id: int,
    message_id: int,
    *,
    now: datetime,
    line: str | None = None,
    over: bool = False,
    kind: AlarmKind | None = None,
) -> None:
    """Record that a message is an alarm about a session; its `line` takes the place of the session's earlier one."""
    values = {
        "channel": channel,
        "session": session_id,
        "at": to_column(now),
        "message": message_id,
        "line": to_column(line),
        "over": int(over),
        "kind": kind,
        "is_new": int(line is not None),
    }
    place = "where session = :session and message = :message and line is not null"
    changes = "at = :at, line = :line, over = :over, kind = :kind, is_new = :is_new"
    if line is not None and db.execute(f"update alarms set {changes} {place}", values).rowcount:
        return
    db.execute(
        "insert into alarms (channel, session, at, message, line, over, kind, is_new) values"
        " (:channel, :session, :at, :message, :line, :over, :kind, :is_new)",
        values,
    )


def has_many(db: Connection, channel: str, count: int, since: datetime, now: datetime) -> bool:
    """Return whether a channel had so many alarms between that moment and `now`: later ones are of a clock set back."""
    sql = "select 1 from alarms where channel = ? and at > ? and at <= ? limit 1 offset ?"
    return db.execute(sql, [channel, to_column(since), to_column(now), count - 1]).fetchone() is not None


def newest_group(db: Connection, channel: str, since: datetime, now: datetime) -> int | None:
    """Return the grouped message that took in the newest of a channel's alarms since then, and by `now`."""
    sql = (
        "select message from alarms where channel = ? and at > ? and at <= ? and line is not null"
        " order by at desc, id desc limit 1"
    )
    row = db.execute(sql, [channel, to_column(since), to_column(now)]).fetchone()
    return None if row is None else int(row[0])


def call_off(db: Connection, session_id: int, line: str) -> bool:
    """Write the end of a session into each grouped message with an alarm about it; False when there is none."""
    sql = "update alarms set line = ?, over = 1, is_new = 1 where session = ? and line is not null"
    return bool(db.execute(sql, [to_column(line), session_id]).rowcount)


def of_silence_past(db: Connection, *, limit: int) -> list[Alarm]:
    """Return the alarms about the silence of sessions that are heard of again, or ended."""
    sql = (
        "select alarms.id, session, message, line is not null from alarms join sessions on sessions.id = alarms.session"
        " where kind = 'silence' and over = 0 and"
        f" (silent_at is null or state in ({marks(FINAL)})) limit ?"
    )
    rows = db.execute(sql, [*FINAL, limit]).fetchall()
    return [Alarm(id=id_, session=session, message=message, is_line=bool(line)) for id_, session, message, line in rows]


def set_over(db: Connection, alarm: Alarm, line: str) -> None:
    """Record that nobody is needed any more; in a grouped message, with this line."""
    sql = (
        "update alarms set over = 1, line = case when line is not null then ? end,"
        " is_new = case when line is null then 0 else 1 end where id = ?"
    )
    db.execute(sql, [to_column(line), alarm.id])


def to_show(db: Connection) -> list[int]:
    """Return the grouped messages that do not show all of their lines as they are."""
    return [int(each) for (each,) in db.execute("select distinct message from alarms where is_new = 1").fetchall()]


def gathered(db: Connection, message_id: int, *, limit: int) -> Gathered:
    """Return the contents of a grouped message: at most `limit` lines, first those that call for somebody."""
    where = "from alarms where message = ? and line is not null"
    counts = db.execute(
        f"select count(*) filter (where over = 0), count(*) filter (where over = 1) {where}", [message_id]
    )
    calling, over = counts.fetchone()
    rows = db.execute(f"select line {where} order by over, id limit ?", [message_id, limit])
    return Gathered(calling=calling, over=over, lines=[line for (line,) in rows.fetchall()])


def sessions_in(db: Connection, message_id: int) -> list[int]:
    """Return the sessions with a line in a grouped message."""
    rows = db.execute("select session from alarms where message = ? and line is not null order by id", [message_id])
    return [int(each) for (each,) in rows.fetchall()]


def mark_shown(db: Connection, message_id: int) -> None:
    """Record that a grouped message shows its lines."""
    db.execute("update alarms set is_new = 0 where message = ? and is_new = 1", [message_id])
