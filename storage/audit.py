"""The audit: read here, written by SQL triggers on `commands` and `sessions` (see `sqlite.schema`), and by `note`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from storage.connection import Connection
from storage.rows import marks, to_column

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

_OF_CHAIN: Final = ("salt", "words_hash", "hash", "forgotten_by")


@dataclass(frozen=True)
class Line:
    """One line of the audit: a state of a command or a session, with its time and its actor.

    The last four are of its chain (see `chain`), and read by `every` only.
    """

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
    salt: bytes | None = None
    words_hash: bytes | None = None
    hash: bytes | None = None
    forgotten_by: int | None = None


def lines(db: Connection, *, session: int | None = None, command: int | None = None) -> list[Line]:
    """Return the lines of one session or one command, or all of them, oldest first."""
    conditions, values = ["1"], []
    for name, value in (("session", session), ("command", command)):
        if value is not None:
            conditions.append(f"{name} = ?")
            values.append(value)
    sql = f"select {', '.join(_COLUMNS)} from audit where {' and '.join(conditions)} order by id"
    return [_line(row) for row in db.query(sql, values)]


def note(
    db: Connection,
    *,
    team: str,
    channel: str,
    actor: str,
    became: str,
    words: str,
    now: datetime,
    session: int | None = None,
) -> None:
    """Record a line about something that is neither a command nor a change of a session, though it may concern one."""
    db.execute(
        "insert into audit (at, subject, session, team, channel, actor, became, words)"
        " values (?, 'note', ?, ?, ?, ?, ?, ?)",
        [to_column(now), session, team, channel, actor, became, to_column(words)],
    )


@dataclass(frozen=True, kw_only=True)
class Page:
    """Some lines, newest first; `total` counts all that fit, and `left` those that are older than these."""

    lines: list[Line]
    total: int
    left: int


def page(
    db: Connection,
    *,
    team: str,
    since: datetime,
    channel: str | None = None,
    session: int | None = None,
    by: Collection[str] | None = None,
    before: int | None = None,
    limit: int,
) -> Page:
    """Return the newest lines of a workspace since a moment: of one channel or one session, by these actors or all.

    Of a session those are its own lines and the commands that name it or act on it. `before` is the number of a
    line: only older ones are returned then, though all are counted.
    """
    conditions, values = ["team = ?", "at >= ?"], [team, to_column(since)]
    if channel is not None:
        conditions.append("channel = ?")
        values.append(channel)
    if session is not None:
        conditions.append("(session = ? or command in (select command from command_sessions where session = ?))")
        values += [session, session]
    if by is not None:
        conditions.append(f"actor in ({marks(by)})")
        values += by
    where = " and ".join(conditions)
    total = _count(db, where, values)
    if before is not None:
        where, values = f"{where} and id < ?", [*values, before]
    sql = f"select {', '.join(_COLUMNS)} from audit where {where} order by id desc limit ?"
    found = [_line(row) for row in db.query(sql, [*values, limit])]
    return Page(lines=found, total=total, left=_count(db, where, values) - len(found))


def every(db: Connection) -> Iterator[Line]:
    """Return all lines, oldest first, one after another: there may be very many. Some have no hash."""
    columns = (*_COLUMNS, *_OF_CHAIN) if is_chained(db) else _COLUMNS
    return map(_line, db.query(f"select {', '.join(columns)} from audit order by id"))


def is_chained(db: Connection) -> bool:
    """Return whether the lines have hashes: those of earlier versions get them when the bot comes up."""
    return bool(db.execute("select 1 from pragma_table_info('audit') where name = 'hash'").fetchone())


def _count(db: Connection, where: str, values: Sequence[object]) -> int:
    return int(db.execute(f"select count(*) from audit where {where}", list(values)).fetchone()[0])


def _line(row: Mapping[str, Any]) -> Line:
    return Line(**{**row, "at": datetime.fromisoformat(row["at"])})
