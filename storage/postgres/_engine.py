"""PostgreSQL as an engine: replicas of the bot share one database on a server."""

import asyncio
import contextlib
import uuid
from typing import Any, Final, cast

import psycopg

from storage.address import ESCAPED, ServerAddress
from storage.connection import Connection
from storage.errors import StorageError, StorageUnavailable
from storage.postgres._connection import PostgresConnection
from storage.postgres._errors import SILENT, UNREACHABLE, Conflict, Unreachable, Unsound
from storage.postgres._pool import Pool, connect
from storage.postgres.schema import bring_up
from storage.postgres.statements import missing_triggers
from storage.pulse import Pulse

START_S: Final = 30.0
"""The time for which a starting process waits for the server."""

_PAUSE_S: Final = 0.5

_WHY: Final = (
    ("password", "its server refuses the user or the password"),
    ("pg_hba.conf", "its server takes no such connection: see its pg_hba.conf"),
    ("role", "its server knows no such user"),
    ("does not exist", "its server has no such database"),
    ("certificate", "no TLS connection as the address demands could be made"),
    ("SSL", "no TLS connection as the address demands could be made"),
)
"""Parts of what libpq says of a connection that cannot be made, which has no code, and the end of our sentence."""


class PostgresEngine:
    """One database on a server; `changed` beats when another process has committed something."""

    errors: tuple[type[Exception], ...] = (psycopg.Error,)
    runs = 5
    turn_s: float | None = 0.1
    looks_s: float | None = 2.0
    hangs = SILENT
    is_damaged = False

    def __init__(self, address: ServerAddress, changed: Pulse) -> None:
        self._address = address
        self._changed = changed
        self._pool: Pool | None = None

    async def prepare(self) -> None:
        """Connect, and bring the schema up to date; raises StorageError with a sentence."""
        if not self._address.is_clear:
            raise StorageError(f"The address of the database cannot be read: {ESCAPED}.")
        try:
            await self._bring_up()
        except psycopg.ProgrammingError:  # its text may hold a part of the password
            msg = (
                f"{self._address} is no address of a database: it is written"
                f" postgresql://user:password@host:port/database?sslmode=verify-full, and {ESCAPED}."
            )
            raise StorageError(msg) from None
        pool = self._pool = Pool(self._address, uuid.uuid4().hex)
        loop = asyncio.get_running_loop()
        known = 0

        def beat() -> None:
            nonlocal known
            if known != pool.listener.others:
                known = pool.listener.others
                self._changed.beat()

        def told() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
                loop.call_soon_threadsafe(beat)

        pool.listener.told = told
        await asyncio.to_thread(pool.listener.wait_up, START_S)

    async def _bring_up(self) -> None:
        until = asyncio.get_running_loop().time() + START_S
        while True:
            try:
                with await asyncio.to_thread(connect, self._address, "schema") as connection:
                    await asyncio.to_thread(_make_ready, connection, str(self._address))
            except psycopg.OperationalError as problem:
                if asyncio.get_running_loop().time() > until or is_refused(problem):
                    raise StorageError(f"The database {self._address} cannot be used: {why(problem)}.") from None
            except psycopg.errors.InsufficientPrivilege:
                msg = f"The role of the database {self._address} may make no tables in it: make it the owner."
                raise StorageError(msg) from None
            else:
                return
            await asyncio.sleep(_PAUSE_S)

    def connect(self, *, query_only: bool = False) -> PostgresConnection:
        """Return a connection for the thread that calls; one that is `query_only` cannot write."""
        return PostgresConnection(self._opened, query_only=query_only)

    def version(self, db: Connection) -> int:
        """Return a number that grows with the commits of others; for one that reads, the writer's own are others'."""
        listener = self._opened.listener
        return listener.all if isinstance(db, PostgresConnection) and db.query_only else listener.others

    def problem(self) -> str | None:
        """Return why nothing may be recorded now, in a few words that go on a sentence; None if it may."""
        return None if self._opened.listener.is_up_soon() else SILENT

    def meaning(self, problem: Exception) -> Exception:
        """Return the error that is raised to who asked: those of the connection are StorageUnavailable already."""
        return problem

    def is_gone(self, problem: Exception) -> bool:
        """Return whether the server cannot be reached, or has not what the bot has made."""
        return isinstance(problem, Unreachable | Unsound)

    def may_run_again(self, problem: Exception) -> bool:
        """Return whether others were in the way, or one connection was lost and the server answers."""
        return isinstance(problem, Conflict) or (
            isinstance(problem, Unreachable) and self._opened.listener.wait_up(0.6)
        )

    @property
    def is_in_doubt(self) -> bool:
        """Return whether it is being found out what became of a commit whose answer was lost."""
        return self._opened.is_asking

    async def examine(self, written: int) -> str | None:
        """Return the server's problem, or None."""
        del written
        return None if self._opened.listener.is_up else SILENT  # the event loop waits for nobody

    async def end_waiting(self) -> None:
        """End the waiting for what becomes of a commit."""
        if self._pool is not None:
            self._pool.end_waiting()

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.close)
            self._pool = None

    @property
    def _opened(self) -> Pool:
        if self._pool is None:
            msg = "the store is not open"
            raise StorageUnavailable(msg)
        return self._pool


def _make_ready(connection: psycopg.Connection[Any], label: str) -> None:
    """Bring the schema up to date; raises StorageError where somebody has taken away what writes the audit."""
    bring_up(connection, label)
    if missing := missing_triggers(cast("Connection", connection)):  # which asks by `execute` alone
        msg = f"The database {label} lacks {', '.join(sorted(missing))}, so its audit has gaps; restore a backup."
        raise StorageError(msg)


def is_refused(problem: psycopg.Error) -> bool:
    """Return whether the server answers, and will not take this address however often it is tried."""
    return why(problem) != UNREACHABLE


def why(problem: psycopg.Error) -> str:
    """Return why no connection can be made, as the end of a sentence, without libpq's own words."""
    said = str(problem)
    return next((words for part, words in _WHY if part in said), UNREACHABLE)
