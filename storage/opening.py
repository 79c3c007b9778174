"""Databases opened beside the store: a file, to read it or clear its unused space, or one in memory with the schema."""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from storage._servers import postgres
from storage.address import ServerAddress
from storage.connection import Connection
from storage.sqlite.errors import errors_told
from storage.sqlite.migrations import migrations

_PATIENCE_S: Final = 1.0


def reading(address: Path | ServerAddress) -> AbstractContextManager[Connection]:
    """Open a database for reading only, as `read_only` opens a file; one on a server is read as of one moment."""
    if isinstance(address, Path):
        return read_only(address)
    opened: AbstractContextManager[Connection] = postgres().read_only(address)
    return opened


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[Connection]:
    """Open a file for reading only, while the block runs.

    Raises StorageUnavailable, also for errors in the block; it `lasts` where the file is damaged.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with errors_told(path), contextlib.closing(sqlite3.connect(uri, uri=True)) as connection:
        yield Database(connection)


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
