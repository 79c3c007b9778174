"""Time that passes only while nothing else can be done, and a wall clock that is set forward and back."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot.process import Clock
from storage import Job
from storage.engine import EngineConnection
from storage.errors import StorageUnavailable
from storage.store import Store, T
from tests.model.databases import OnFile, OnServer

_BEGAN: Final = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
_CONNECTING_S: Final = 0.01


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that jumps to its next timer; the same calls take the same course on every machine."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.in_threads = 0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Return the loop's seconds."""
        return self.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        """Count what other threads owe this loop: time waits for them."""
        self.in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._is_back)
        return future

    def _is_back(self, _: object) -> None:
        self.in_threads -= 1


class _Jumping(selectors.DefaultSelector):
    """A selector that lets time pass instead of waiting, except for threads."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready; let the timeout pass where nothing is."""
        ready: list[Any] = super().select(0)
        if ready or timeout == 0:
            return ready
        if self._loop.in_threads:
            return super().select(None)
        if timeout is None:
            msg = "everybody waits for nobody"
            raise AssertionError(msg)
        self._loop.now += timeout
        return []


class WorldClock(Clock):
    """The clock of one process in the world: monotonic with the loop, its wall clock set by `set_by`."""

    def __init__(self, loop: VirtualLoop, set_by: timedelta = timedelta()) -> None:
        self._loop = loop
        self.set_by = set_by
        super().__init__()

    def monotonic(self) -> float:
        """Return the loop's seconds."""
        return self._loop.now

    def _wall(self) -> datetime:
        return _BEGAN + timedelta(seconds=self._loop.now) + self.set_by


class InlineStore(Store):
    """The store of one process without its threads: the same schema and functions, each job a transaction of its own.

    `reach` is awaited before and after every commit: there the process may end. A closed store takes nothing more.
    """

    def __init__(self, database: OnFile | OnServer, owner: str, reach: Callable[[str], Awaitable[None]]) -> None:
        super().__init__(database.address)
        self._database = database
        self._owner = owner
        self._reach = reach
        self._db: EngineConnection | None = None

    async def open(self) -> None:
        """Connect; the other process goes on meanwhile."""
        await asyncio.sleep(_CONNECTING_S)
        self._db = self._database.connect(self._owner)

    async def write(self, job: Job[T], *, first: bool = False) -> T:
        """Run `job` in a commit of its own."""
        del first  # nothing is ahead of it
        await self._reach("commit")
        db = self._living()
        db.begin()
        try:
            result = job(db)
        except BaseException:
            db.roll_back()
            raise
        db.commit()
        await self._reach("committed")
        return result

    async def read(self, job: Job[T]) -> T:
        """Run `job`; it must not write."""
        await asyncio.sleep(0)
        self._living()
        return job(self._database.recorded)

    async def version(self) -> int:
        """Return a number that changes with other processes' commits."""
        return self._database.version(self._living())

    async def examine(self) -> str | None:
        """Return None: this database is sound."""
        return None

    async def close(self) -> None:
        """Disconnect: what the process still does is recorded nowhere."""
        if self._db is not None:
            self._db.close()
        self._db = None

    def _living(self) -> EngineConnection:
        if self._db is None:
            msg = "the process is dead"
            raise StorageUnavailable(msg)
        return self._db
