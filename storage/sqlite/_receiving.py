"""A file that receives all rows of another database; see `storage.copies`."""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.sqlite._connection import SqliteConnection
from storage.sqlite._engine import connect
from storage.sqlite.errors import errors_told

_AT_ONCE = 1_000


class Receiver:
    """The file in its one transaction: its triggers are away until the rows are there."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = SqliteConnection(connection)
        self._connection = connection
        self._triggers = connection.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in self._triggers:
            connection.execute(f"drop trigger {name}")

    def tables(self) -> Mapping[str, Sequence[str]]:
        """Return its tables with those of their columns that are written."""
        names = self._connection.execute(
            "select name from sqlite_master where type = 'table' and name not like '%sqlite_%' order by rowid"
        ).fetchall()
        return {table: self._columns(table) for (table,) in names}

    def put(self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        """Write rows into a table."""
        places = ", ".join("?" for _ in columns)
        sql = f"insert into {table} ({', '.join(columns)}) values ({places})"
        while some := list(itertools.islice(rows, _AT_ONCE)):
            self._connection.executemany(sql, some)

    def end(self, numbers: Mapping[str, int]) -> None:
        """Make the triggers again; numbers go on after these."""
        for table, last in numbers.items():
            self._connection.execute("delete from sqlite_sequence where name = ?", [table])
            self._connection.execute("insert into sqlite_sequence (name, seq) values (?, ?)", [table, last])
        for _, sql in self._triggers:
            self._connection.execute(sql)

    def _columns(self, table: str) -> list[str]:
        return [name for _, name, *_ in self._connection.execute(f"pragma table_info({table})")]


@contextlib.contextmanager
def receiving(path: Path) -> Iterator[Receiver]:
    """Open a file to fill it; what the block does is there at its end, or nothing of it."""
    with errors_told(path), contextlib.closing(connect(path)) as connection:
        connection.execute("begin immediate")
        connection.execute("pragma defer_foreign_keys = on")
        yield Receiver(connection)
        connection.execute("commit")
