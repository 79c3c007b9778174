"""The audit: read here, written by SQL triggers on `commands` and `sessions` (see `sqlite.schema`), and by `note`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from storage.chain import FIELDS
from storage.connection import Connection
from storage.errors import StorageUnavailable
from storage.inspection import audit_columns
from storage.rows import marks, to_column

_COLUMNS: Final = (*FIELDS, "words")

COUNTED: Final = 1_000
"""The number of lines up to which those of a page are counted."""

_FIRST_FROM: Final = "select at, id from audit where id >= ? order by id limit 1"

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
    conditions, values = ["1 = 1"], []
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
    """Some lines, newest first; `total` counts all that fit, and `left` those that are older than these.

    Neither counts further than `COUNTED` + 1, which means: more than `COUNTED`.
    """

    lines: list[Line]
    total: int
    left: int


def of_channel(
    db: Connection,
    *,
    team: str,
    channel: str,
    since: datetime,
    by: str | None = None,
    before: int | None = None,
    limit: int,
) -> Page:
    """Return the newest lines of a channel since a moment: by this actor, or by all.

    `before` is the number of a line: only older ones are returned then, though all are counted.
    """
    whose, values = ("", []) if by is None else ("actor = ? and ", [by])
    return _page(db, f"{whose}channel = ? and team = ? and at >= ?", [*values, channel, team, since], before, limit)


def of_session(
    db: Connection,
    *,
    team: str,
    session: int,
    since: datetime,
    by: Collection[str] | None = None,
    before: int | None = None,
    limit: int,
) -> Page:
    """Return the newest lines of a session since a moment, as `of_channel` does: its own, and those of its commands.

    Those are the commands that name it or act on it.
    """
    where = (
        "id in (select id from audit where session = ? union select audit.id from command_sessions"
        " join audit on audit.command = command_sessions.command where command_sessions.session = ?) and team = ?"
    )
    # An expression keeps the actors, of whom there are very many lines, from being what is looked up
    whose, actors = ("", []) if by is None else (f" and (actor || '') in ({marks(by)})", list(by))
    return _page(db, f"{where} and at >= ?{whose}", [session, session, team, since, *actors], before, limit)


def every(db: Connection) -> Iterator[Line]:
    """Return all lines, oldest first, one after another: there may be very many. Some have no hash.

    Raises StorageUnavailable at a line whose moment is none: something other than the bot has written it.
    """
    columns = (*_COLUMNS, *_OF_CHAIN) if is_chained(db) else _COLUMNS
    for row in db.query(f"select {', '.join(columns)} from audit order by id"):
        try:
            yield _line(row)
        except (TypeError, ValueError) as problem:
            msg = f"line {row['id']} of the audit is not as it was written"
            raise StorageUnavailable(msg, lasts=True) from problem


def is_chained(db: Connection) -> bool:
    """Return whether the lines have hashes: those of earlier versions get them when the bot comes up."""
    return "hash" in audit_columns(db)


def _page(db: Connection, where: str, values: Sequence[Any], before: int | None, limit: int) -> Page:
    """Return a page by the time of its lines and not by their place: the pages before it are not read."""
    values = [to_column(each) for each in values]
    total = _count(db, where, values)
    last = None if before is None else db.execute(_FIRST_FROM, [before]).fetchone()
    if last is not None:
        where, values = f"{where} and (at, id) < (?, ?)", [*values, *last]
    sql = f"select {', '.join(_COLUMNS)} from audit where {where} order by at desc, id desc limit ?"
    found = [_line(row) for row in db.query(sql, [*values, limit])]
    return Page(lines=found, total=total, left=_count(db, where, values, more=len(found)) - len(found))


def _count(db: Connection, where: str, values: Sequence[Any], more: int = 0) -> int:
    sql = f"select count(*) from (select 1 from audit where {where} limit ?) as counted"
    return int(db.execute(sql, [*values, COUNTED + 1 + more]).fetchone()[0])


def _line(row: Mapping[str, Any]) -> Line:
    return Line(**{**row, "at": datetime.fromisoformat(row["at"])})
