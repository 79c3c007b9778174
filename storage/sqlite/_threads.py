"""The two threads of a database: one reads, one commits; each has its own connection and a queue of jobs."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from storage.connection import Connection, Job
from storage.errors import StorageError, StorageUnavailable
from storage.sqlite._connection import ThreadConnection
from storage.sqlite._integrity import Integrity
from storage.sqlite._job_queue import Gathered, JobQueue, Settled, Waiting, settle_all
from storage.sqlite._memory_copy import MemoryCopy

T = TypeVar("T")

_PATIENCE_S: Final = 2.5
"""The time that a commit may take, from its beginning, before the jobs behind it are withdrawn."""

_FIRST_PATIENCE_S: Final = 1.2
"""The time for which a job that goes first waits, from its own beginning: the ack of its command is due within 3 s."""

_HANGS_S: Final = 0.8
"""From here on one commit counts as hanging: a sound disk takes a hundredth of that."""

_LOOK_S: Final = 0.25
_SLOW_DISK: Final = "its disk takes seconds for a write"


class _Thread:
    """A thread with its own connection and a queue of jobs."""

    def __init__(self, name: str, connect: Callable[[], ThreadConnection], integrity: Integrity) -> None:
        self._integrity = integrity
        self._queue = JobQueue()
        self._gathered = Gathered(self._queue)
        self._connect = connect
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, job: Job[T], *, first: bool = False) -> T:
        """Return the result of a job; one that goes `first` waits for no other job that has not begun."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        self._put(Waiting(job, loop, result, first))
        return await result

    async def close(self) -> None:
        """Finish what is queued, then end the thread."""
        self._gathered.hand_over()
        self._queue.close()
        await asyncio.to_thread(self._thread.join)

    def _put(self, waiting: Waiting[T]) -> None:
        if waiting.first:
            self._gathered.put(waiting)
        else:
            self._queue.put(waiting)

    def _work(self) -> None:
        try:
            db = self._connect()
        except (sqlite3.Error, StorageError) as problem:
            self._refuse_all(problem)
            return
        try:
            self._make_ready()
            while batch := self._queue.next_batch():
                self._run_batch(db, batch)
        finally:
            db.close()
            self._end()

    def _refuse_all(self, problem: Exception) -> None:
        while batch := self._queue.next_batch():
            unopened = StorageUnavailable(f"the database cannot be opened: {problem}")
            settle_all([Settled(waiting, error=unopened) for waiting in batch])

    def _make_ready(self) -> None:
        """Make ready what the first job would wait for."""

    def _run_batch(self, db: ThreadConnection, batch: list[Waiting[object]]) -> None:
        """Read each in a transaction of its own, so that all it reads is of one moment."""
        for waiting in batch:
            try:
                value = self._run(db, waiting.job)
            except Exception as problem:  # noqa: BLE001 - told to whoever asked, by its future
                settle_all([Settled(waiting, error=self._meaning(problem))])
            else:
                settle_all([Settled(waiting, value)])

    def _run(self, db: ThreadConnection, job: Job[T]) -> T:
        with db.transaction():
            return job(db)

    def _end(self) -> None:
        """Free the thread's other resources."""

    def _meaning(self, problem: Exception) -> Exception:
        """Return the error for the caller: one of the database's own becomes StorageUnavailable."""
        if self._integrity.met(problem):
            return StorageUnavailable(self._integrity.problem() or str(problem), lasts=True)
        return StorageUnavailable(str(problem)) if isinstance(problem, sqlite3.OperationalError) else problem


class Reader(_Thread):
    """The thread that reads; of an unreadable file it still returns the open sessions, from memory."""

    _copy: MemoryCopy

    def _make_ready(self) -> None:
        self._copy = MemoryCopy()

    def _run_batch(self, db: ThreadConnection, batch: list[Waiting[object]]) -> None:
        try:
            self._copy.keep_up(db)
        except sqlite3.Error as problem:
            self._integrity.met(problem)
        super()._run_batch(db, batch)

    def _run(self, db: ThreadConnection, job: Job[T]) -> T:
        try:
            return super()._run(db, job)
        except sqlite3.DatabaseError as problem:
            if not self._integrity.met(problem):
                raise
            return super()._run(self._copy.database, job)

    def _end(self) -> None:
        self._copy.close()


class Writer(_Thread):
    """The thread that commits: a batch is one transaction, a job is one savepoint in it.

    Jobs that go first have none as long as all of them succeed: savepoints are two of the five statements of each.
    While the disk takes long for one commit, the jobs that wait behind it are withdrawn; nobody can say yet what
    becomes of those in it.
    """

    _committing_since: float | None = None

    async def run(self, job: Job[T], *, first: bool = False) -> T:
        """Return the result of a job; raise StorageUnavailable if it has not begun, and the disk hangs."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        waiting = Waiting(job, loop, result, first)
        self._put(waiting)
        patience_s = _FIRST_PATIENCE_S if first else max(_PATIENCE_S - self._committing_s(), _LOOK_S)
        patience = loop.call_later(patience_s, self._lose_patience, waiting)
        try:
            return await result
        finally:
            patience.cancel()

    def _lose_patience(self, waiting: Waiting[T]) -> None:
        """Withdraw a job that waits behind a long commit; look again later at any other."""
        if waiting.result.done():
            return
        if self._committing_s() > _HANGS_S and self._queue.withdraw(waiting):
            waiting.result.set_exception(StorageUnavailable(_SLOW_DISK))
        else:
            waiting.loop.call_later(_LOOK_S, self._lose_patience, waiting)

    def _committing_s(self) -> float:
        """Return the seconds since the running commit began, 0 if none runs."""
        since = self._committing_since
        return 0.0 if since is None else time.monotonic() - since

    def _run_batch(self, db: ThreadConnection, batch: list[Waiting[object]]) -> None:
        looks = [waiting for waiting in batch if waiting.job is data_version]
        super()._run_batch(db, looks)  # takes no lock: a database that others hold can be looked at
        changes = [waiting for waiting in batch if waiting.job is not data_version]
        if changes and (unsound := self._integrity.problem()) is None:
            self._commit(db, changes)
            return
        problem = StorageUnavailable(str(unsound), lasts=True) if changes else None
        settle_all([Settled(waiting, error=problem) for waiting in changes])

    def _commit(self, db: ThreadConnection, batch: list[Waiting[object]]) -> None:
        """Commit the jobs, or as many as were done when one came that goes first: the others are put back."""
        try:
            db.execute("begin immediate")
            settled = self._without_savepoints(db, batch) if batch[0].first else self._with_savepoints(db, batch)
            self._committing_since = time.monotonic()
            db.execute("commit")
        except sqlite3.Error as problem:
            with contextlib.suppress(sqlite3.Error):  # a failed COMMIT may already have rolled back
                db.roll_back()
            settled = [Settled(waiting, error=self._meaning(problem)) for waiting in batch]
        else:
            self._queue.put_back(batch[len(settled) :])
        finally:
            self._committing_since = None
        settle_all(settled)

    def _without_savepoints(self, db: ThreadConnection, batch: list[Waiting[object]]) -> list[Settled]:
        """Run all jobs; if one of them fails, run all of them again, each in a savepoint."""
        try:
            return [Settled(waiting, waiting.job(db)) for waiting in batch]
        except Exception:  # noqa: BLE001 - it fails again in its savepoint, and is told from there
            db.roll_back()
            db.execute("begin immediate")
            return self._with_savepoints(db, batch)

    def _with_savepoints(self, db: ThreadConnection, batch: list[Waiting[object]]) -> list[Settled]:
        """Run the jobs until one comes that goes first."""
        settled = []
        for waiting in batch:
            settled.append(self._try(db, waiting))
            if not waiting.first and self._queue.first_waits:
                break
        return settled

    def _try(self, db: ThreadConnection, waiting: Waiting[object]) -> Settled:
        """Run one job; its own error undoes its own changes. Raise sqlite3.Error where the whole batch is undone."""
        db.execute("savepoint job")
        try:
            value = waiting.job(db)
        except Exception as problem:
            if not db.in_transaction:  # a full disk, say, has undone the whole batch
                raise sqlite3.OperationalError(str(problem)) from problem
            db.execute("rollback to job")
            db.execute("release job")
            return Settled(waiting, error=self._meaning(problem))
        db.execute("release job")
        return Settled(waiting, value)


def data_version(db: Connection) -> int:
    """Return a number that changes with every commit of another connection."""
    return int(db.execute("pragma data_version").fetchone()[0])
