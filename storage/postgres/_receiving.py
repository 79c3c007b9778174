"""A database on a server that receives all rows of another one; see `storage.copies`."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg

from storage.address import ServerAddress
from storage.errors import StorageUnavailable
from storage.postgres._connection import PostgresConnection
from storage.postgres._engine import why
from storage.postgres._pool import connect
from storage.postgres._reading import Alone

_OWN: Final = ("schema_steps", "audit_head", "replicas")
"""The tables that no file has."""

_COLUMNS: Final = (
    "select table_name::text, string_agg(column_name::text, ' ' order by ordinal_position)"
    " from information_schema.columns join information_schema.tables using (table_schema, table_name)"
    " where table_schema = current_schema() and table_type = 'BASE TABLE' and is_generated = 'NEVER'"
    " group by table_name order by table_name"
)


class Receiver:
    """The database in its one transaction: its triggers are off until the rows are there."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.db = PostgresConnection(Alone(connection), query_only=False, begun=connection)
        self._connection = connection
        self._columns = {
            table: columns.split() for table, columns in connection.execute(_COLUMNS).fetchall() if table not in _OWN
        }
        for table in self._columns:
            connection.execute(f"alter table {table} disable trigger user")
        connection.execute("set constraints all deferred")

    def tables(self) -> Mapping[str, Sequence[str]]:
        """Return its tables with those of their columns that are written."""
        return self._columns

    def put(self, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
        """Write rows into a table."""
        sql = f"copy {table} ({', '.join(columns)}) from stdin"
        with self._connection.cursor() as cursor, cursor.copy(sql) as lines:
            for row in rows:
                lines.write_row(row)

    def end(self, numbers: Mapping[str, int]) -> None:
        """Switch the triggers on again; numbers go on after these."""
        self._connection.execute("set constraints all immediate")
        for table in self._columns:
            self._connection.execute(f"alter table {table} enable trigger user")
        for table, last in numbers.items():
            if table == "audit":
                self._connection.execute(
                    "update audit_head set last = %s, hash = (select hash from audit order by id desc limit 1)", [last]
                )
            elif last:
                self._connection.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])
        self._connection.execute(
            "select setval('session_revisions', greatest(1, (select max(revision) from sessions)))"
        )


@contextlib.contextmanager
def receiving(address: ServerAddress) -> Iterator[Receiver]:
    """Open a database to fill it; what the block does is there at its end, or nothing of it."""
    try:
        with connect(address, "copy") as connection, connection.transaction():
            connection.execute("set local idle_in_transaction_session_timeout = 0")
            connection.execute("lock table audit_head in exclusive mode")
            yield Receiver(connection)
    except psycopg.OperationalError as problem:
        raise StorageUnavailable(why(problem)) from None
