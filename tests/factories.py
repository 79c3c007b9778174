"""The first data of tests: an empty database, a session of the demo's rule as `start` records it, and free ports."""

import contextlib
import functools
import secrets
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from storage import sessions
from storage.connection import Connection
from storage.records import Session
from storage.sessions import NewSession
from storage.sqlite import add_functions
from storage.sqlite.migrations import migrations
from storage.stop import Stop

_NEW: Final = NewSession(
    team="T1",
    channel="C1",
    channel_private=False,
    channel_shared=False,
    rule_id=1001,
    rule_name="obedient",
    application_id=1,
    application_name="demo",
    starter="U1",
    custom_data=None,
)


@functools.cache
def _schema() -> bytes:
    """Return the file of an empty database: the steps of the schema are run once, every test begins with their end."""
    db = Database(memory=True)
    with contextlib.closing(db.conn):
        migrations.apply(db)
        db.conn.commit()
        return db.conn.serialize()


def new_database() -> Database:
    """Return an empty database in memory, with the schema."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(_schema())
    add_functions(connection)
    return Database(connection)


def open_database(path: Path) -> Database:
    """Open a database on disk with the functions that its audit needs, as another process of ours would."""
    db = Database(path)
    add_functions(db.conn)
    return db


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a database on disk for as long as the block lasts; each statement is committed at once."""
    db = open_database(path)
    db.conn.isolation_level = None
    with contextlib.closing(db.conn):
        yield db


@contextlib.contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """Hold the write lock of a file, as another program would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("begin immediate")
        yield
        connection.execute("rollback")


def update_session(db: Connection, session_id: int, **values: Any) -> None:
    """Write these columns of a session directly, as no story would."""
    places = ", ".join(f"{name} = ?" for name in values)
    db.execute(f"update sessions set {places} where id = ?", [*values.values(), session_id])  # noqa: S608 - names of columns


def new_session(**values: Any) -> NewSession:
    """Return what is known of a session before its start, with these values of its own."""
    return replace(_NEW, **values)


def a_session(now: datetime, **values: Any) -> Session:
    """Return the record of a session that was just accepted, from a database that is gone again."""
    db = new_database()
    with contextlib.closing(db.conn):
        return sessions.add(db, new_session(**values), now=now)


def a_stop(at: datetime, **values: Any) -> Stop:
    """Return the facts of a stop that was asked for at that moment."""
    return Stop(**{"by": "U3", "reason": None, "command": None, "request_id": "r", "asked_at": at, **values})


def free_ports(count: int) -> int:
    """Find so many free ports in a row, outside the range from which the system chooses its own; give the first."""
    while True:
        first = 20_000 + secrets.randbelow(10_000)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
