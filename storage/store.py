"""The store: jobs in, results out, over one database.

All writes go through one thread, which commits everything that is waiting at once: one transaction, a savepoint per
job, and no job hears its result before the COMMIT. Reads have a thread of their own, so a locked or full database can
still be read. What the jobs do is in `sessions`, `commands`, `messages` and `audit`: plain functions over a
`Connection`. Where a job looks first and writes by what it saw, and would do wrong if another wrote in between, its
code says *One writer*: every transaction that writes is, on each engine, the only one that does.
"""

import asyncio
from pathlib import Path
from typing import TypeVar

from storage._servers import postgres
from storage.address import ServerAddress
from storage.connection import Connection, Job
from storage.engine import Engine, Reader, Writer
from storage.errors import StorageError, StorageUnavailable
from storage.probing import probe
from storage.pulse import Pulse
from storage.sqlite import SqliteEngine

T = TypeVar("T")


class Store:
    """The database of one process. `open` first, `close` last."""

    def __init__(self, address: Path | ServerAddress) -> None:
        self.changed = Pulse()
        """Beats when another process has committed something; not with a file, which tells nobody."""
        self._engine = _engine_of(address, self.changed)
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._looking: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Create the database, or bring it up to date.

        Raises StorageError with a sentence if it is another program's, of a newer version of this one
        or of one before the first release, or cannot be opened.
        """
        await self._engine.prepare()
        self._writer = Writer("storage-writer", self._engine)
        self._reader = Reader("storage-reader", self._engine)
        if self._engine.looks_s is not None:
            self._looking = asyncio.create_task(self._look(self._engine.looks_s))

    async def write(self, job: Job[T], *, first: bool = False) -> T:
        """Run `job` in the next commit and return its result once it is on disk.

        Jobs that go `first` are committed together, before all others that wait: somebody waits for them.
        Raises StorageUnavailable when nothing of it was recorded, or the job's own error (then only
        the job's own changes are undone).
        """
        if self._writer is None:
            raise StorageError(_NOT_OPEN)
        return await self._writer.run(job, first=first)

    async def read(self, job: Job[T]) -> T:
        """Run `job` on a connection that cannot write."""
        if self._reader is None:
            raise StorageError(_NOT_OPEN)
        return await self._reader.run(job)

    async def version(self) -> int:
        """Return a number that changes as soon as another process has committed something; our commits do not count."""
        if self._writer is None:
            raise StorageError(_NOT_OPEN)
        return await self._writer.run(self._engine.version)

    async def examine(self) -> str | None:
        """Return the database's problem, or None: it must take a row, and the path must lead to that row."""
        try:
            written = await self.write(probe)
            await self.read(_nothing)  # so that the open sessions are remembered as they are now
        except StorageUnavailable as problem:
            return str(problem)
        except self._engine.errors as problem:
            return str(self._engine.meaning(problem))
        return await self._engine.examine(written)

    async def close(self) -> None:
        """Commit what is waiting and close all connections."""
        if self._looking is not None:
            self._looking.cancel()
        await self._engine.end_waiting()
        for thread in (self._writer, self._reader):
            if thread is not None:
                await thread.close()
        self._writer = self._reader = self._looking = None
        await self._engine.close()

    async def _look(self, at_most_s: float) -> None:
        """Remember the open sessions, as they are now, soon after every change."""
        while True:
            await self.read(_nothing)
            await self.changed.wait(at_most_s)


_NOT_OPEN = "the store is not open"


def _nothing(_: Connection) -> None:
    """Read nothing: the reader has looked at what was written since it read last."""


def _engine_of(address: Path | ServerAddress, changed: Pulse) -> Engine:
    if isinstance(address, Path):
        return SqliteEngine(address)
    engine: Engine = postgres().PostgresEngine(address, changed)
    return engine
