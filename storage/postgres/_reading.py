"""A database on a server, opened beside the store to be read: all of it is of one moment."""

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any, Final

import psycopg

from storage.address import ServerAddress
from storage.connection import Values
from storage.errors import StorageUnavailable
from storage.postgres._connection import PostgresConnection
from storage.postgres._engine import why
from storage.postgres._errors import Unreachable
from storage.postgres._pool import connect

_READS: Final = "default_transaction_read_only=on"

_AT_ONCE: Final = 1_000
_NUMBERS: Final = itertools.count(1)


class Alone:
    """Lends the one connection that there is; a statement over a whole table may take its time."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def borrow(self) -> psycopg.Connection[Any]:
        return self._connection

    def give_back(self, connection: psycopg.Connection[Any], *, is_lost: bool) -> None:
        if is_lost:
            connection.close()

    def within(self, connection: psycopg.Connection[Any], seconds: float) -> contextlib.AbstractContextManager[None]:
        del connection, seconds
        return contextlib.nullcontext()

    def was_committed(self, transaction: str) -> bool:
        raise Unreachable(transaction)


class _Rows:
    """The rows of a statement, some at a time: the server keeps the others."""

    rowcount = -1

    def __init__(self, connection: psycopg.Connection[Any], name: str) -> None:
        self.names: list[str] = []
        self._connection = connection
        self._name = name
        self._left = self._fetched()

    def fetchone(self) -> Any:
        """Return the next row, None if there is none."""
        return next(self._left, None)

    def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        return list(self._left)

    def __iter__(self) -> Iterator[Any]:
        return self._left

    def _fetched(self) -> Iterator[Any]:
        while True:
            cursor = self._connection.execute(f"fetch {_AT_ONCE} from {self._name}")
            self.names = [column.name for column in cursor.description or ()]
            rows = cursor.fetchall()
            yield from rows
            if len(rows) < _AT_ONCE:
                break
        self._connection.execute(f"close {self._name}")


class _Streamed(PostgresConnection):
    """Reads rows as they are asked for: there may be very many."""

    def execute(self, sql: str, values: Values | None = None, /) -> Any:
        """Run a statement; the server keeps its rows until they are asked for."""
        if not sql.lstrip().startswith("select"):
            return super().execute(sql, values)
        name = f"rows_{next(_NUMBERS)}"
        super().execute(f"declare {name} no scroll cursor for {sql}", values)
        return _Rows(self._lender.borrow(), name)

    def query(self, sql: str, values: Values | None = None, /) -> Iterator[dict[str, Any]]:
        """Run a statement and return its rows by the names of their columns, as they are asked for."""
        rows = self.execute(sql, values)
        if not isinstance(rows, _Rows):
            raise AssertionError(sql)  # noqa: TRY004 - a mistake of ours
        for row in rows:
            yield dict(zip(rows.names, row, strict=True))


@contextlib.contextmanager
def read_only(address: ServerAddress) -> Iterator[PostgresConnection]:
    """Open a database for reading only, while the block runs.

    Raises StorageUnavailable, also for errors in the block.
    """
    try:
        with connect(address, "reading", _READS) as connection:
            db = _Streamed(Alone(connection), query_only=True)
            with db.transaction():
                yield db
    except psycopg.ProgrammingError as problem:
        if isinstance(problem, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
            msg = "it has not the tables of this bot"
            raise StorageUnavailable(msg, lasts=True) from problem
        msg = "its address is none that libpq takes"
        raise StorageUnavailable(msg, lasts=True) from None
    except psycopg.OperationalError as problem:
        raise StorageUnavailable(why(problem)) from None
