"""The served workspace and its known channels, for processes that cannot ask Slack."""

from dataclasses import dataclass
from datetime import datetime

from storage.connection import Connection
from storage.rows import to_column


@dataclass(frozen=True)
class Known:
    """The workspace's id, and its address, which ends with a slash."""

    team: str
    url: str


def record(db: Connection, known: Known, *, now: datetime) -> None:
    """Record the served workspace."""
    db.execute(
        "insert into workspace (team, url, seen_at) values (?, ?, ?)"
        " on conflict (team) do update set url = excluded.url, seen_at = excluded.seen_at",
        [known.team, known.url, to_column(now)],
    )


def known(db: Connection) -> Known | None:
    """Return the workspace that was served last; None before a bot has run on this database."""
    row = db.execute("select team, url from workspace order by seen_at desc limit 1").fetchone()
    return None if row is None else Known(*row)


def has_seen(db: Connection, channel: str) -> bool:
    """Return whether somebody typed or pressed something in this channel, or Slack accepted a message for it.

    A channel named at a terminal does not count: its user may mistype the same id twice.
    """
    return bool(db.execute("select 1 from seen_channels where channel = ?", [channel]).fetchone())
