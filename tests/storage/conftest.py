"""The fixtures of the tests of storage: an open store on a new file, and first rows."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import sessions
from storage.command import NewCommand
from storage.postgres._connection import PostgresConnection
from storage.records import Session
from tests.factories import new_database, new_session
from tests.postgres.databases import Database as Postgres
from tests.postgres.databases import connection_to

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


@pytest.fixture
def db(database: Postgres | None) -> Iterator[Database | PostgresConnection]:
    """Connect to a new database, with the schema; each statement is committed at once."""
    if database is not None:
        with connection_to(database) as connection:
            yield connection
        return
    made = new_database()
    made.conn.isolation_level = None
    made.execute("pragma foreign_keys = on")
    yield made


Committed = Callable[[], list[str]]


def words_in(path: Path) -> list[str]:
    """Return the words of each line of the audit that is committed to a file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("select words from audit order by id")]


@pytest.fixture
def committed(database: Postgres | None, tmp_path: Path) -> Committed:
    """Return a way to read, on a connection of its own, the words of each line of the audit that is committed."""

    def read() -> list[str]:
        if database is None:
            return words_in(tmp_path / "bot.db")
        with database.connect() as connection:
            return [row[0] for row in connection.execute("select words from audit order by id")]

    return read


@pytest.fixture
def now() -> datetime:
    """Return the moment in which everything happens."""
    return NOW


@pytest.fixture
def new_command() -> Callable[..., NewCommand]:
    """Return a maker of commands."""

    def make(key: str = "slash:1", verb: str = "start", digest: str = "d", **values: object) -> NewCommand:
        defaults = {"actor": "U1", "team": "T1", "channel": "C1", "via": "slash", "owner": "run-1", "at": NOW}
        return NewCommand(key=key, verb=verb, digest=digest, **{**defaults, **values})  # type: ignore[arg-type]

    return make


@pytest.fixture
def add_session() -> Callable[..., Session]:
    """Return a way to record a session."""

    def add(db: Database, **values: object) -> Session:
        return sessions.add(db, new_session(**values), now=NOW)

    return add
