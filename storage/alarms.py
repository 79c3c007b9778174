"""Alarms as rows, so that many at once in a channel become one message."""

from datetime import datetime

from storage.connection import Connection
from storage.rows import to_column


def add(db: Connection, channel: str, session_id: int, message_id: int, *, now: datetime) -> None:
    """Record that a message is an alarm about a session."""
    db.execute(
        "insert into alarms (channel, session, at, message) values (?, ?, ?, ?)",
        [channel, session_id, to_column(now), message_id],
    )


def count_since(db: Connection, channel: str, since: datetime, now: datetime) -> int:
    """Return the number of a channel's alarms between that moment and `now`: later ones are of a clock set back."""
    sql = "select count(*) from alarms where channel = ? and at > ? and at <= ?"
    return int(db.execute(sql, [channel, to_column(since), to_column(now)]).fetchone()[0])


def groups_since(db: Connection, channel: str, since: datetime, now: datetime) -> list[int]:
    """Return a channel's grouped alarms that took in one since then, and by `now`, oldest first."""
    sql = (
        "select distinct alarms.message from alarms join messages on messages.id = alarms.message"
        " where alarms.channel = ? and alarms.at > ? and alarms.at <= ?"
        " and json_extract(messages.body, '$.lines') is not null order by alarms.message"
    )
    return [int(message) for (message,) in db.execute(sql, [channel, to_column(since), to_column(now)])]


def groups_of(db: Connection, session_id: int) -> list[int]:
    """Return the grouped alarms with one of this session."""
    sql = (
        "select distinct alarms.message from alarms join messages on messages.id = alarms.message"
        " where alarms.session = ? and json_extract(messages.body, '$.lines') is not null order by alarms.message"
    )
    return [int(message) for (message,) in db.execute(sql, [session_id])]
