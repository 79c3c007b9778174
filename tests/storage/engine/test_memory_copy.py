"""The copy of the open sessions: it has what was written since, and nothing of what is over."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import sessions
from storage.engine._memory_copy import MemoryCopy
from storage.records import State
from storage.sqlite import SqliteConnection, add_functions
from tests.factories import new_database, new_session
from tests.storage.conftest import NOW


@pytest.fixture
def file(tmp_path: Path) -> Iterator[tuple[Database, SqliteConnection]]:
    """Return two connections to one database, as writer and reader have them."""
    path = tmp_path / "bot.db"
    with closing(sqlite3.connect(path)) as made:
        new_database().conn.backup(made)
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as writer,
        closing(sqlite3.connect(path, isolation_level=None)) as reader,
    ):
        add_functions(writer)
        yield Database(writer), SqliteConnection(reader)


def test_it_keeps_up_with_the_open_sessions(file: tuple[Database, SqliteConnection]) -> None:
    """A session that is new is in it, one that changed is in it as it is now, and one that ended is gone from it."""
    db, reader = file
    copy = MemoryCopy()
    for _ in range(3):
        sessions.add(db, new_session(), now=NOW)
    sessions.move(db, 1, State.failed, by="platform", event="Refused.", now=NOW)
    assert states(copy, reader, count=2) == {2: "starting", 3: "starting"}
    sessions.move(db, 2, State.failed, by="platform", event="Refused.", now=NOW)
    sessions.move(db, 3, State.running, by="platform", event="Started.", now=NOW)
    assert states(copy, reader, count=1) == {3: "running"}
    sessions.add(db, new_session(), now=NOW)
    assert states(copy, reader, count=2) == {3: "running", 4: "starting"}
    copy.close()


def states(copy: MemoryCopy, reader: SqliteConnection, *, count: int) -> dict[int, str]:
    """Return the states in the copy once it has so many sessions: it is not brought up at every reading."""
    until = time.monotonic() + 20
    while True:
        copy.keep_up(reader, reader.execute("pragma data_version").fetchone()[0])
        found = {row["id"]: row["state"] for row in copy.database.query("select id, state from sessions")}
        if len(found) == count or time.monotonic() > until:
            return found
