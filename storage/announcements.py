"""The reading of announcements as rows: for each application, what its last whole round found."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from storage.connection import Connection
from storage.rows import to_column


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """The announcements of one application, as one row.

    `announced_at` is when a row of it was found last, `read_at` when its last whole round began: what was put before
    that moment has been read. Both are of our wall clock, as is `oldest_beat_at`. `refused` are rows of that round by
    the name of the reason; `problem` is a sentence, where it cannot be read now.
    """

    application_id: int
    application_name: str
    announced_at: datetime | None = None
    read_at: datetime | None = None
    took_s: float | None = None
    row_count: int = 0
    oldest_beat_at: datetime | None = None
    refused: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None


def every(db: Connection) -> list[Announcements]:
    """Return what is known of every application, by name."""
    rows = db.query("select * from announcements order by application_name, application_id")
    return [_announcements(row) for row in rows]


def read_at(db: Connection) -> dict[int, datetime]:
    """Return when the last whole round began of each application that was ever read."""
    rows = db.query("select application_id, read_at from announcements where read_at is not null")
    return {int(row["application_id"]): datetime.fromisoformat(row["read_at"]) for row in rows}


def keep(db: Connection, found: Announcements) -> None:
    """Record what a round found, in the place of the one before."""
    db.execute(
        "insert into announcements (application_id, application_name, announced_at, read_at, took_s, row_count,"
        " oldest_beat_at, refused, problem) values (:application_id, :application_name, :announced_at, :read_at,"
        " :took_s, :row_count, :oldest_beat_at, :refused, :problem) on conflict (application_id) do update set"
        " application_name = excluded.application_name, announced_at = excluded.announced_at,"
        " read_at = excluded.read_at, took_s = excluded.took_s, row_count = excluded.row_count,"
        " oldest_beat_at = excluded.oldest_beat_at, refused = excluded.refused, problem = excluded.problem",
        {name: to_column(value) for name, value in vars(found).items()},
    )


def forget(db: Connection, application_id: int) -> None:
    """Forget an application: it is gone from the account."""
    db.execute("delete from announcements where application_id = ?", [application_id])


def _announcements(row: Mapping[str, object]) -> Announcements:
    values = dict(row)
    for name in ("announced_at", "read_at", "oldest_beat_at"):
        moment = values[name]
        values[name] = None if moment is None else datetime.fromisoformat(str(moment))
    return Announcements(**{**values, "refused": json.loads(str(values["refused"]))})
