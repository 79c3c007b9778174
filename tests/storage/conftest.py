"""The fixtures of the tests of storage: an open store on a new file, and first rows."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import sessions
from storage.command import NewCommand
from storage.records import Session
from storage.store import Store
from tests.factories import new_database, new_session

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Open a store on a new file."""
    made = Store(tmp_path / "bot.db")
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def db() -> Database:
    """Make a database in memory, with the schema."""
    made = new_database()
    made.conn.isolation_level = None
    made.execute("pragma foreign_keys = on")
    return made


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
