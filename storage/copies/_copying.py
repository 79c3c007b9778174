"""A database is copied from one engine to the other: every row as it is, all of it or nothing.

Numbers, cards, threads, sealed URLs and the audit with its hashes stay the same, so that a bot goes on where the other
one stopped. Both databases must be at rest: who calls makes sure of that. The copy counts once the rows of each table
are as many as in the source, and the chain of the audit was verified and ends in the same hash.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from storage import sqlite
from storage._servers import postgres
from storage.address import ServerAddress
from storage.connection import Connection
from storage.errors import StorageError
from storage.inspection import is_ours, last_written, missing_triggers, steps_left, why_not
from storage.lock import DatabaseInUse
from storage.opening import reading
from storage.store import Store
from storage.verification import Verified, verify

NUMBERED: Final = ("sessions", "commands", "messages", "alarms", "bulks", "audit")
"""The tables whose rows have numbers that are never given twice."""

_MADE_BY_SCHEMA: Final = frozenset({"session_counts"})
"""The tables that have rows in an empty database."""


class Target(Protocol):
    """An empty database that receives rows, in one transaction: nothing watches them but its own rules."""

    @property
    def db(self) -> Connection:
        """The connection of the transaction."""
        ...

    def tables(self) -> Mapping[str, Sequence[str]]:
        """Return its tables with those of their columns that are written, in an order in which they can be filled."""
        ...

    def put(self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        """Write rows into a table."""
        ...

    def end(self, numbers: Mapping[str, int]) -> None:
        """End the copying: its rules watch again, and numbers go on after these."""
        ...


@dataclass(frozen=True, kw_only=True)
class Copied:
    """The number of rows by table, the open sessions among them, and the verified audit of the copy."""

    rows: Mapping[str, int]
    still_open: int
    verified: Verified


async def copy(source: Path | ServerAddress, target: Path | ServerAddress) -> Copied:
    """Copy a database into an empty one, which is made where it is not there.

    Raises StorageError with a sentence where the source is not sound, the target not empty, or the copy not the same;
    the target is as it was then.
    """
    store = Store(target)
    await store.open()  # makes the schema
    await store.close()
    with reading(source) as db:
        _refuse_source(db, str(source))
        with _receiving(target) as into:
            return _copied(db, into, str(target))


def refuse_running(address: ServerAddress) -> None:
    """Raise DatabaseInUse where a bot or a terminal is connected to a database on a server: each of them listens."""
    with reading(address) as db:
        listening = "application_name = 'session-bot listener' and datname = current_database()"
        if db.execute(f"select 1 from pg_stat_activity where {listening} limit 1").fetchone() is not None:
            msg = f"A bot or a terminal uses {address}: stop every replica first."
            raise DatabaseInUse(msg)


def _receiving(target: Path | ServerAddress) -> AbstractContextManager[Target]:
    if isinstance(target, Path):
        return sqlite.receiving(target)
    receiving: AbstractContextManager[Target] = postgres().receiving(target)
    return receiving


def _refuse_source(db: Connection, source: str) -> None:
    if not is_ours(db):
        msg = f"{source} is no database of this bot."
        raise StorageError(msg)
    if (why := why_not(db)) is not None:
        raise StorageError(f"{source} {why}")
    if steps_left(db):
        msg = f"{source} is of an earlier version: let this version of the bot come up on it once, and stop it again."
        raise StorageError(msg)
    if missing := missing_triggers(db):
        msg = f"{source} lacks {', '.join(sorted(missing))}, so its audit has gaps."
        raise StorageError(msg)


def _copied(db: Connection, into: Target, target: str) -> Copied:
    tables = into.tables()
    if any(_count(into.db, table) for table in tables if table not in _MADE_BY_SCHEMA):
        msg = f"{target} is not empty: name a new one."
        raise StorageError(msg)
    counts = {}
    for table, columns in tables.items():
        if table in _MADE_BY_SCHEMA:
            into.db.execute(f"delete from {table}")
        names = ", ".join(columns)
        into.put(table, columns, iter(db.execute(f"select {names} from {table}")))
        counts[table] = _count(db, table)
        if _count(into.db, table) != counts[table]:
            msg = f"Of the rows of {table} not all came to {target}: nothing was copied."
            raise StorageError(msg)
    into.end({table: last_written(db, table) for table in NUMBERED})
    return Copied(rows=counts, still_open=_open(into.db), verified=_compared(db, into.db))


def _compared(db: Connection, copied: Connection) -> Verified:
    """Verify the audit of the copy, and that it ends as that of the source does."""
    there, here = verify(db), verify(copied)
    if there.problems:
        msg = f"The audit is not as it was written, so nothing was copied. {there.problems[0]}"
        raise StorageError(msg)
    if here.problems or here.head != there.head:
        msg = "The audit of the copy does not end as that of the source, so nothing was copied."
        raise StorageError(msg)
    return here


def _count(db: Connection, table: str) -> int:
    return int(db.execute(f"select count(*) from {table}").fetchone()[0])


def _open(db: Connection) -> int:
    return int(db.execute("select count(*) from sessions where state not in ('ended', 'failed')").fetchone()[0])
