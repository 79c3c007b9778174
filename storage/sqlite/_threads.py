"""The two threads of a database: one reads, one commits; each has its own connection and a queue of jobs."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlite_utils import Database

from storage.connection import Connection, Job
from storage.errors import StorageError, StorageUnavailable
from storage.sqlite._integrity import Integrity
from storage.sqlite._memory_copy import MemoryCopy

T = TypeVar("T")


@dataclass(frozen=True)
class _Waiting(Generic[T]):
    job: Job[T]
    loop: asyncio.AbstractEventLoop
    result: "asyncio.Future[T]"

    def tell(self, value: T | None, error: BaseException | None) -> None:
        def settle() -> None:
            if self.result.done():
                return
            if error is not None:
                self.result.set_exception(error)
            else:
                self.result.set_result(value)  # type: ignore[arg-type]

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self.loop.call_soon_threadsafe(settle)


class _Thread:
    """A thread with its own connection and a queue of jobs."""

    def __init__(self, name: str, connect: Callable[[], Database], integrity: Integrity) -> None:
        self._integrity = integrity
        self._queue: queue.SimpleQueue[_Waiting[object] | None] = queue.SimpleQueue()
        self._connect = connect
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def run(self, job: Job[T]) -> T:
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        self._queue.put(_Waiting(job, loop, result))  # type: ignore[arg-type]
        return await result

    async def close(self) -> None:
        """Finish what is queued, then end the thread."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        try:
            db = self._connect()
        except (sqlite3.Error, StorageError) as problem:
            self._refuse_all(problem)
            return
        try:
            closing = False
            while not closing:
                batch, closing = self._next_batch()
                if batch:
                    self._run_batch(db, batch)
        finally:
            db.conn.close()
            self._end()

    def _refuse_all(self, problem: Exception) -> None:
        while (waiting := self._queue.get()) is not None:
            waiting.tell(None, StorageUnavailable(f"the database cannot be opened: {problem}"))

    def _next_batch(self) -> tuple[list[_Waiting[object]], bool]:
        batch: list[_Waiting[object]] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _run_batch(self, db: Database, batch: list[_Waiting[object]]) -> None:
        """Read each in a transaction of its own, so that all it reads is of one moment."""
        for waiting in batch:
            try:
                value = self._run(db, waiting.job)
            except Exception as problem:  # noqa: BLE001 - told to whoever asked, by its future
                waiting.tell(None, self._meaning(problem))
            else:
                waiting.tell(value, None)

    def _run(self, db: Database, job: Job[T]) -> T:
        with db.atomic():
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

    _copy: MemoryCopy | None = None

    def _run_batch(self, db: Database, batch: list[_Waiting[object]]) -> None:
        if self._copy is None:
            self._copy = MemoryCopy()
        try:
            self._copy.keep_up(db)
        except sqlite3.Error as problem:
            self._integrity.met(problem)
        super()._run_batch(db, batch)

    def _run(self, db: Database, job: Job[T]) -> T:
        try:
            return super()._run(db, job)
        except sqlite3.DatabaseError as problem:
            if self._copy is None or not self._integrity.met(problem):
                raise
            return super()._run(self._copy.database, job)

    def _end(self) -> None:
        if self._copy is not None:
            self._copy.close()


class Writer(_Thread):
    """The thread that commits: a batch is one transaction, a job is one savepoint in it."""

    def _run_batch(self, db: Database, batch: list[_Waiting[object]]) -> None:
        looks = [waiting for waiting in batch if waiting.job is data_version]
        super()._run_batch(db, looks)  # takes no lock: a database that others hold can be looked at
        changes = [waiting for waiting in batch if waiting.job is not data_version]
        if changes and (unsound := self._integrity.problem()) is None:
            self._commit(db, changes)
            return
        for waiting in changes:
            waiting.tell(None, StorageUnavailable(str(unsound), lasts=True))

    def _commit(self, db: Database, batch: list[_Waiting[object]]) -> None:
        told: list[tuple[_Waiting[object], object, BaseException | None]] = []
        try:
            db.execute("begin immediate")
            for waiting in batch:
                try:
                    with db.atomic():
                        value = waiting.job(db)
                except Exception as problem:
                    if not db.conn.in_transaction:  # a full disk, say, has undone the whole batch
                        raise sqlite3.OperationalError(str(problem)) from problem
                    told.append((waiting, None, self._meaning(problem)))
                else:
                    told.append((waiting, value, None))
            db.execute("commit")
        except sqlite3.Error as problem:
            with contextlib.suppress(sqlite3.Error):  # a failed COMMIT may already have rolled back
                db.conn.rollback()
            for waiting in batch:
                waiting.tell(None, self._meaning(problem))
        else:
            for waiting, result, error in told:
                waiting.tell(result, error)


def data_version(db: Connection) -> int:
    """Return a number that changes with every commit of another connection."""
    return int(db.execute("pragma data_version").fetchone()[0])
