"""Databases opened beside the store: a file, to read it or clear its unused space, or one in memory with the schema."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from storage.connection import Connection
from storage.errors import StorageUnavailable
from storage.sqlite.migrations import migrations

_PATIENCE_S: Final = 1.0

DAMAGED_NAMES: Final = "it is damaged: the names of its tables are no text"


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[Connection]:
    """Open a file for reading only, while the block runs.

    Raises StorageUnavailable, also for errors in the block; it `lasts` where the file is damaged.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with errors_told(path), contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        yield Database(connection)


@contextlib.contextmanager
def errors_told(path: Path) -> Iterator[None]:
    """Raise StorageUnavailable for every error of SQLite's in the block; it `lasts` where the file is damaged."""
    try:
        yield
    except UnicodeDecodeError as problem:  # in the words of its error stands a damaged name
        raise StorageUnavailable(DAMAGED_NAMES, lasts=True) from problem
    except sqlite3.Error as problem:
        lasts = not isinstance(problem, sqlite3.OperationalError)
        raise StorageUnavailable(cause(problem, path), lasts=lasts) from problem


def cause(problem: sqlite3.Error, path: Path) -> str:
    """Return the cause of an error as the end of a sentence: SQLite calls a full disk an I/O error where it maps it."""
    if getattr(problem, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_IOERR:
        return str(problem)
    with contextlib.suppress(OSError):
        if os.statvfs(path.parent).f_bavail == 0:
            return f"its disk is full ({problem})"
    return str(problem)


def is_busy(problem: sqlite3.Error) -> bool:
    """Return whether another process has the database locked; some errors of the module have no code."""
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


@contextlib.contextmanager
def in_memory() -> Iterator[Connection]:
    """Make a database in memory, with the schema, that is gone after the block."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = Database(connection)
        migrations.apply(db)
        yield db


def clear_unused(path: Path, *, is_alone: bool) -> bool:
    """Empty the -wal file and, where nobody else uses the database, write it anew, without unused space.

    Return False where another process keeps the -wal file back. Raises StorageUnavailable.
    """
    with (
        errors_told(path),
        contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection,
    ):
        if is_alone:
            connection.execute("vacuum")
        return not connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
