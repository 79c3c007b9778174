"""An engine as its threads know it: connections with transactions, and what its errors mean."""

from contextlib import AbstractContextManager
from typing import Protocol

from storage.connection import Connection


class EngineConnection(Connection, Protocol):
    """The connection of one thread: who holds it begins and ends its transactions."""

    def begin(self) -> None:
        """Begin a transaction that writes, as the only one that does."""
        ...

    def commit(self) -> None:
        """Commit it; an error means that nothing of it is on disk."""
        ...

    def roll_back(self) -> None:
        """Undo the open transaction, if there is one."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Return whether a transaction is open: some errors undo it by themselves."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Read within one transaction: all that is read is of one moment."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


class Engine(Protocol):
    """One database, by the engine that keeps it."""

    errors: tuple[type[Exception], ...]
    """The errors of its connections."""

    runs: int
    """How often a transaction is run when others, or a lost connection, keep it from its commit."""

    turn_s: float | None
    """The time after which a transaction takes in no further jobs, since other processes wait; None: it takes all."""

    looks_s: float | None
    """The seconds after which the open sessions are read again without a change; None: only when something is read."""

    async def prepare(self) -> None:
        """Create the database, or bring it up to date; raises StorageError with a sentence."""
        ...

    def connect(self, *, query_only: bool = False) -> EngineConnection:
        """Open a connection for the thread that calls; one that is `query_only` cannot write."""
        ...

    def version(self, db: Connection) -> int:
        """Return a number that changes with the commits of other connections than this one."""
        ...

    def problem(self) -> str | None:
        """Return why nothing may be recorded now, in a few words that go on a sentence; None if it may."""
        ...

    @property
    def is_damaged(self) -> bool:
        """Return whether somebody must repair it before anything is recorded."""
        ...

    def meaning(self, problem: Exception) -> Exception:
        """Return the error that is raised to who asked: one of the database's own becomes StorageUnavailable."""
        ...

    def is_gone(self, problem: Exception) -> bool:
        """Return whether nothing can be read after this error: the open sessions are read from memory then."""
        ...

    def may_run_again(self, problem: Exception) -> bool:
        """Return whether a transaction that ended so is run again: it is undone, and may succeed now."""
        ...

    @property
    def is_in_doubt(self) -> bool:
        """Return whether it is being found out what became of a commit whose answer was lost."""
        ...

    @property
    def hangs(self) -> str:
        """Return what one is told who waits behind a commit that takes long, in a few words."""
        ...

    async def examine(self, written: int) -> str | None:
        """Return the database's problem after `probe` has written this number, or None."""
        ...

    async def end_waiting(self) -> None:
        """End what its threads may wait for: no job is new from now on."""
        ...

    async def close(self) -> None:
        """Close what is still open, once the threads have ended."""
        ...
