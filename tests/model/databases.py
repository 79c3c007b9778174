"""The database of a world, which outlives its processes: a file, or on a server."""

from collections import Counter
from pathlib import Path
from typing import Any, Final

import psycopg

from storage.address import ServerAddress
from storage.connection import Connection
from storage.engine import EngineConnection
from storage.postgres._connection import PostgresConnection
from storage.postgres._pool import STATEMENTS_KEPT
from storage.postgres._reading import Alone
from storage.postgres._triggers import CHANNEL
from storage.sqlite import SqliteConnection, SqliteEngine, connect
from tests.postgres.databases import WITH_SCHEMA, Database, Template, contents

_HAS_ONE: Final = "a command has its outcome already"
"""A second outcome fails in the bot, and is heard of as an error that nobody expected."""

_ON_FILE: Final = (
    "create temp trigger one_outcome before update of state, outcome, done_at on main.commands"
    f" when old.done_at is not null begin select raise(abort, '{_HAS_ONE}'); end"
)
_ON_SERVER: Final = f"""
    create function refuse_outcome() returns trigger language plpgsql as $$
    begin
        raise exception '{_HAS_ONE}';
    end $$;
    create trigger one_outcome before update of state, outcome, done_at on commands for each row
    when (old.done_at is not null) execute function refuse_outcome();
"""


def _bring_up(address: str) -> None:
    WITH_SCHEMA.bring_up(address)
    with psycopg.connect(address) as connection:
        connection.execute(_ON_SERVER)


ONE_OUTCOME: Final = Template("one_outcome", _bring_up)
"""The bot's schema, in which no command has a second outcome."""


class OnFile:
    """A file, with a connection for each process, and one that reads for all."""

    def __init__(self, address: Path) -> None:
        self.address = address
        self._engine = SqliteEngine(address)

    async def open(self) -> None:
        """Make the file."""
        await self._engine.prepare()
        self.recorded: Connection = SqliteConnection(connect(self.address, query_only=True))

    def connect(self, _: str) -> EngineConnection:
        """Return a connection for the process of this name."""
        made = self._engine.connect()
        made.execute("pragma synchronous = off")  # what is lost here is the process, not the power
        made.execute(_ON_FILE)
        return made

    def version(self, db: Any) -> int:
        """Return a number that changes with the commits of other processes than the one with this connection."""
        return self._engine.version(db)

    def contents(self) -> bytes:
        """Return all that is on disk."""
        return b"".join(each.read_bytes() for each in self.address.parent.glob(f"{self.address.name}*"))

    def close(self) -> None:
        """Close what reads."""
        self.recorded.close()


class OnServer:
    """A database on a server, with the schema: one connection is that of all processes, one after the other."""

    def __init__(self, lent: Database) -> None:
        self.address = ServerAddress(lent.address)
        self._lent = lent
        self._told: Counter[str] = Counter()

    async def open(self) -> None:
        """Connect, and listen to what the processes commit."""
        self._connection = self._lent.connect(prepare_threshold=3)
        self._connection.prepared_max = STATEMENTS_KEPT
        self._connection.add_notify_handler(lambda each: self._told.update([each.payload]))
        self._connection.execute(f"listen {CHANNEL}")
        self.recorded = PostgresConnection(Alone(self._connection), query_only=True, begun=self._connection)

    def connect(self, owner: str) -> "_Owned":
        """Return a connection for the process of this name."""
        return _Owned(self._connection, owner)

    def version(self, db: Any) -> int:
        """Return the number of commits that were told of, but for those of the process with this connection."""
        return self._told.total() - self._told[db.owner]

    def contents(self) -> bytes:
        """Return all that is in its tables."""
        return b"".join(content for _, content in contents(self._lent))

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


class _Owned(PostgresConnection):
    """The connection in the hands of one process: the server tells of its commits by its name."""

    def __init__(self, connection: psycopg.Connection[Any], owner: str) -> None:
        super().__init__(Alone(connection), query_only=False)
        self.owner = owner

    def begin(self) -> None:
        """Begin a transaction of this process."""
        super().begin()
        self.execute("select set_config('session_bot.replica', ?, true)", [self.owner])
