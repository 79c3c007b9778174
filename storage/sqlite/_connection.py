"""The connection of one thread, as jobs see it: each statement is sent to SQLite as it stands, and none besides.

sqlite-utils wraps each query in a savepoint, and each nested transaction in one with a name of its own, which SQLite
compiles anew every time: that was most of the time of a short job. It still makes and migrates the file.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Any

from storage.connection import Values


class SqliteConnection:
    """A connection without transactions of its own: who holds it begins and ends them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, values: Values | None = None, /) -> sqlite3.Cursor:
        """Run a statement."""
        return self._connection.execute(sql, () if values is None else values)

    def query(self, sql: str, values: Values | None = None, /) -> Iterator[dict[str, Any]]:
        """Run a statement, and return all of its rows by the names of their columns."""
        cursor = self.execute(sql, values)
        names = [column for column, *_ in cursor.description]
        return iter([dict(zip(names, row, strict=True)) for row in cursor.fetchall()])

    def begin(self) -> None:
        """Begin a transaction that writes, as the only one of all processes."""
        self._connection.execute("begin immediate")

    def commit(self) -> None:
        """Commit it."""
        self._connection.execute("commit")

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Read within one transaction: all that is read is of one moment."""
        self.execute("begin")
        try:
            yield
        finally:
            self.roll_back()

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open: some errors undo it by themselves."""
        return self._connection.in_transaction

    def roll_back(self) -> None:
        """Undo the open transaction, if there is one."""
        self._connection.rollback()

    def close(self) -> None:
        """Close it."""
        self._connection.close()
