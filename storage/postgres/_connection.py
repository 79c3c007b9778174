"""The connection of one thread to a server: a transaction borrows a real one from the pool and gives it back."""

import contextlib
from collections.abc import Iterator
from typing import Any, Final, Protocol

import psycopg
from psycopg.pq import TransactionStatus

from storage.connection import Values
from storage.postgres import statements
from storage.postgres._errors import Conflict, Unreachable, meaning
from storage.postgres._placeholders import in_psycopg_form

BEGIN: Final = (
    "begin isolation level serializable; lock table audit_head in exclusive mode; select pg_current_xact_id()::text"
)
"""The one writer's beginning. `lock table` takes no snapshot, so that what the one before has written is seen."""

_BEGIN_READING: Final = "begin isolation level repeatable read read only"

ANSWER_S: Final = 1.0
"""The time within which the server answers a statement."""

COMMIT_S: Final = 2.5
"""The time within which it answers a commit, which waits for its disk."""

_NUL: Final = "\x00"
_IN_ITS_PLACE: Final = "\N{REPLACEMENT CHARACTER}"


class Lender(Protocol):
    """The pool, and what is known of the server."""

    def borrow(self) -> psycopg.Connection[Any]:
        """Return a connection; raises Unreachable."""
        ...

    def give_back(self, connection: psycopg.Connection[Any], *, is_lost: bool) -> None:
        """Receive a connection back; one that is lost makes the server count as away until it answers."""
        ...

    def within(self, connection: psycopg.Connection[Any], seconds: float) -> contextlib.AbstractContextManager[None]:
        """Cut the connection if the block lasts longer."""
        ...

    def was_committed(self, transaction: str) -> bool:
        """Return whether a transaction was committed whose answer was lost: waits until the server can say it.

        Raises Unreachable where the process ends before.
        """
        ...


class PostgresConnection:
    """A connection without transactions of its own: who holds it begins and ends them."""

    statements = statements

    def __init__(self, lender: Lender, *, query_only: bool, begun: psycopg.Connection[Any] | None = None) -> None:
        self.query_only = query_only
        self._lender = lender
        self._borrowed = begun
        self._transaction = ""
        self._lost: Unreachable | None = None
        """The reason why the transaction is undone, until the next one begins."""
        self._is_reading = False

    def begin(self) -> None:
        """Begin a transaction that writes, as the only one of all replicas."""
        if self.query_only:
            raise AssertionError
        self._lost = None
        self._borrowed = self._lender.borrow()
        cursor = self._send(BEGIN, None, ANSWER_S)
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        self._transaction = "" if row is None else row[0]

    def commit(self) -> None:
        """Commit it; where the answer is lost, wait until it is known whether it was."""
        try:
            said = self._send("commit", None, COMMIT_S).statusmessage
        except Unreachable:
            if not self._lender.was_committed(self._transaction):
                raise
            return
        if said != "COMMIT":
            msg = f"its server says {said} to a commit"
            raise Conflict(msg)
        self._give_back()

    def roll_back(self) -> None:
        """Undo the open transaction, if there is one."""
        self._lost = None
        if self._borrowed is not None:
            self._send("rollback", None, ANSWER_S)
            self._give_back()

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open."""
        return self._borrowed is not None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Read within one transaction, which begins with the first statement: all that is read is of one moment."""
        self._is_reading = True
        try:
            yield
        finally:
            self._is_reading = False
            with contextlib.suppress(Unreachable):
                self.roll_back()

    def execute(self, sql: str, values: Values | None = None, /) -> psycopg.Cursor[Any]:
        """Run a statement; raises Unreachable also for each one after the connection of its transaction was lost."""
        if self._borrowed is None and self._is_reading:
            self._borrowed = self._lender.borrow()
            self._send(_BEGIN_READING, None, ANSWER_S)
        return self._send(in_psycopg_form(sql), _storable(values) if values else (), ANSWER_S)

    def query(self, sql: str, values: Values | None = None, /) -> Iterator[dict[str, Any]]:
        """Run a statement, and return all of its rows by the names of their columns."""
        cursor = self.execute(sql, values)
        rows = cursor.fetchall()
        names = [column.name for column in cursor.description or ()] if rows else ()
        return iter([dict(zip(names, row, strict=True)) for row in rows])

    def close(self) -> None:
        """End the open transaction, and with it the loan."""
        with contextlib.suppress(Unreachable):
            self.roll_back()

    def _send(self, sql: str, values: Any, seconds: float) -> psycopg.Cursor[Any]:
        connection = self._borrowed
        if connection is None and self._lost is not None:  # of a job that went on over the loss nothing may be told
            raise Unreachable(str(self._lost))
        if connection is None:
            raise AssertionError(sql)
        try:
            with self._lender.within(connection, seconds):
                return connection.execute(sql, values)
        except psycopg.Error as problem:
            is_lost = connection.closed or connection.info.transaction_status is TransactionStatus.UNKNOWN
            told = meaning(problem, is_lost=is_lost)
            if isinstance(told, Unreachable):
                self._borrowed, self._lost = None, told
                self._lender.give_back(connection, is_lost=True)
            if told is problem:
                raise
            raise told from problem

    def _give_back(self) -> None:
        borrowed, self._borrowed = self._borrowed, None
        if borrowed is not None:
            self._lender.give_back(borrowed, is_lost=False)


def _storable(values: Values) -> Values:
    """Return the values with another character for NUL, which the server takes in no text."""
    if isinstance(values, dict):
        return {name: _without_nul(value) for name, value in values.items()}
    return [_without_nul(value) for value in values]


def _without_nul(value: Any) -> Any:
    return value.replace(_NUL, _IN_ITS_PLACE) if isinstance(value, str) and _NUL in value else value
