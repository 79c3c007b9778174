"""The pool of connections to one server: lent for a transaction, and made anew when the server was away."""

import contextlib
import logging
import threading
from typing import Any, Final

import psycopg
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from storage.address import ServerAddress
from storage.postgres._deadlines import Deadlines
from storage.postgres._errors import UNREACHABLE, Unreachable
from storage.postgres._listener import Listener

LENT: Final = 3
"""The writer's connection, the reader's, and one that asks what became of a commit."""

BUSY_S: Final = 0.7
"""The time for which a writer waits for others: the verdict must be there within 1.5 s."""

_CONNECT_S: Final = 2
_LEND_S: Final = 1.0
_ASK_S: Final = 0.1
_SEEN_DEAD_S: Final = 2
"""The time after which the server cuts off a transaction whose process says nothing more: it holds up all others."""

STATEMENTS_KEPT: Final = 512

_BY_INDEX: Final = (
    "enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off", "max_parallel_workers_per_gather=0", "jit=off",
    "plan_cache_mode=force_generic_plan",
)  # fmt: skip
"""Each statement finds few rows by an index, however many there are. The server guesses that there are many, for
example a third of all messages to be sent, and would read whole tables, and compile the statement first; and of one
with a limit it would make a new plan each time, which takes longer than its rows.
"""

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # each failed attempt; the listener says it once


def connect(address: ServerAddress, name: str, *options: str) -> psycopg.Connection[Any]:
    """Open a connection, each statement a transaction of its own; raises psycopg.OperationalError."""
    connection: psycopg.Connection[Any] = psycopg.Connection.connect(address.conninfo, **arguments(name, *options))
    return connection


def arguments(name: str, *options: str) -> dict[str, Any]:
    """Return the arguments of every connection; the address may have others, for its TLS say."""
    settings = (f"lock_timeout={int(BUSY_S * 1000)}", f"idle_in_transaction_session_timeout={_SEEN_DEAD_S}s", *options)
    return {
        "autocommit": True,
        "prepare_threshold": 3,
        "connect_timeout": _CONNECT_S,
        "application_name": f"session-bot {name}",
        "options": " ".join(f"-c {each}" for each in settings),
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 5_000,
    }


class Pool:
    """Connections for the threads of one process, which is the replica of this name."""

    def __init__(self, address: ServerAddress, replica: str) -> None:
        named = f"session_bot.replica={replica}"
        self.deadlines = Deadlines()
        self.listener = Listener(lambda: connect(address, "listener", named), self.deadlines, replica, str(address))
        self._ended = threading.Event()
        self._pool = ConnectionPool(
            address.conninfo,
            kwargs=arguments("replica", named, *_BY_INDEX),
            configure=_configure,
            min_size=0,
            max_size=LENT,
            open=True,
            timeout=_LEND_S,
            max_lifetime=3_600,
            reconnect_timeout=_LEND_S,
            num_workers=1,
        )

    def borrow(self) -> psycopg.Connection[Any]:
        """Return a connection; raises Unreachable."""
        if not self.listener.is_up:
            raise Unreachable(UNREACHABLE)
        try:
            return self._pool.getconn()
        except (PoolTimeout, PoolClosed) as problem:
            raise Unreachable(UNREACHABLE) from problem

    def give_back(self, connection: psycopg.Connection[Any], *, is_lost: bool) -> None:
        """Receive a connection back; one that is lost makes the server count as away until it answers."""
        if is_lost:
            self.listener.suspect()
            connection.close()
            self._pool.drain()
        with contextlib.suppress(ValueError):  # the pool is closed
            self._pool.putconn(connection)

    def within(self, connection: psycopg.Connection[Any], seconds: float) -> contextlib.AbstractContextManager[None]:
        """Cut the connection if the block lasts longer."""
        return self.deadlines.within(connection, seconds)

    @property
    def is_asking(self) -> bool:
        """Return whether it is being found out what became of a commit."""
        return self._is_asking

    _is_asking = False

    def was_committed(self, transaction: str) -> bool:
        """Return whether a transaction was committed whose answer was lost: waits until the server can say it.

        Raises Unreachable where the process ends before.
        """
        self._is_asking = True
        try:
            while not self._ended.is_set():
                if self.listener.wait_up(_ASK_S) and (said := self._status(transaction)) is not None:
                    return said == "committed"
        finally:
            self._is_asking = False
        raise Unreachable(UNREACHABLE)

    def _status(self, transaction: str) -> str | None:
        """Return what the server says of a transaction; None: nothing, or it is in progress still."""
        try:
            connection = self.borrow()
        except Unreachable:
            return None
        is_lost = True
        try:
            with self.within(connection, 1.0):
                row = connection.execute("select pg_xact_status(%s::xid8)", [transaction]).fetchone()
            is_lost = False
        except psycopg.errors.InvalidParameterValue:  # after a crash: a number that it has not given yet
            is_lost = False
            return "aborted"
        except psycopg.Error:
            return None
        finally:
            self.give_back(connection, is_lost=is_lost)
        said = None if row is None else row[0]
        self._ended.wait(_ASK_S if said == "in progress" else 0)
        return None if said == "in progress" else str(said)

    def end_waiting(self) -> None:
        """End the waiting for what becomes of a commit."""
        self._ended.set()

    def close(self) -> None:
        """Close every connection."""
        self._ended.set()
        self.listener.close()
        self._pool.close()
        self.deadlines.close()


def _configure(connection: psycopg.Connection[Any]) -> None:
    connection.prepared_max = STATEMENTS_KEPT
