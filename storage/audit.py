"""The audit: read here, written by SQL triggers on `commands` and `sessions` (see `migrations`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlite_utils import Database

from storage.records import to_column

_COLUMNS: Final = (
    "id",
    "at",
    "subject",
    "command",
    "session",
    "team",
    "channel",
    "actor",
    "verb",
    "via",
    "was",
    "became",
    "words",
)


@dataclass(frozen=True)
class Line:
    """One line of the audit: what became of a command or a session, when, and by whom."""

    id: int
    at: datetime
    subject: Literal["command", "session", "note"]
    command: int | None
    session: int | None
    team: str
    channel: str
    actor: str
    verb: str | None
    via: str | None
    was: str | None
    became: str
    words: str | None


def lines(db: Database, *, session: int | None = None, command: int | None = None) -> list[Line]:
    """Give the lines of one session or one command, or all of them, oldest first."""
    conditions, values = ["1"], []
    for name, value in (("session", session), ("command", command)):
        if value is not None:
            conditions.append(f"{name} = ?")
            values.append(value)
    sql = f"select {', '.join(_COLUMNS)} from audit where {' and '.join(conditions)} order by id"
    return [Line(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in db.query(sql, values)]


def note(
    db: Database,
    *,
    team: str,
    channel: str,
    actor: str,
    became: str,
    words: str,
    now: datetime,
) -> None:
    """Write a line about something that is neither a command nor a change of a session."""
    db.execute(
        "insert into audit (at, subject, team, channel, actor, became, words) values (?, 'note', ?, ?, ?, ?, ?)",
        [to_column(now), team, channel, actor, became, to_column(words)],
    )
