"""The threads of a database: some read, one commits; each has its own connection and a queue of jobs."""

import asyncio
import contextlib
import logging
import threading
import time
from typing import Final, TypeVar

from storage.connection import Job
from storage.engine._engine import Engine, EngineConnection
from storage.engine._job_queue import Gathered, JobQueue, Settled, Waiting, settle_all
from storage.engine._memory_copy import MemoryCopy
from storage.errors import StorageError, StorageUnavailable

T = TypeVar("T")

log = logging.getLogger(__name__)

_PATIENCE_S: Final = 2.5
"""The time that a commit may take, from its beginning, before the jobs behind it are withdrawn."""

_FIRST_PATIENCE_S: Final = 1.2
"""The time for which a job that goes first waits, from its own beginning: the ack of its command is due within 3 s."""

_HANGS_S: Final = 0.8
"""From here on one commit counts as hanging: a sound disk takes a hundredth of that."""

_LOOK_S: Final = 0.25
_MISTAKEN: Final = "a mistake in this program kept it from the database; the log has more"
_IN_DOUBT: Final = "it was cut off while it recorded this"


class _Thread:
    """A thread with its own connection and a queue of jobs."""

    _query_only = False

    def __init__(self, name: str, engine: Engine) -> None:
        self._engine = engine
        self._errors: tuple[type[Exception], ...] = (*engine.errors, StorageUnavailable)
        self._queue = JobQueue()
        self._gathered = Gathered(self._queue)
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
            self._queue.put([waiting])  # type: ignore[list-item]

    def _work(self) -> None:
        try:
            db = self._engine.connect(query_only=self._query_only)
        except StorageError as problem:
            self._refuse_all(problem)
            return
        except self._errors as problem:
            self._refuse_all(problem)
            return
        try:
            self._make_ready()
            while batch := self._queue.next_batch():
                self._run_or_refuse(db, batch)
        finally:
            db.close()
            self._end()

    def _run_or_refuse(self, db: EngineConnection, batch: list[Waiting[object]]) -> None:
        """Run a batch; a mistake of this code refuses it, and does not end the thread, on which all else waits."""
        try:
            self._run_batch(db, batch)
        except Exception:
            log.exception("a mistake kept %d jobs from the database", len(batch))
            with contextlib.suppress(Exception):
                db.roll_back()
            settle_all([Settled(waiting, error=StorageUnavailable(_MISTAKEN)) for waiting in batch])

    def _refuse_all(self, problem: Exception) -> None:
        while batch := self._queue.next_batch():
            unopened = StorageUnavailable(f"the database cannot be opened: {problem}")
            settle_all([Settled(waiting, error=unopened) for waiting in batch])

    def _make_ready(self) -> None:
        """Make ready what the first job would wait for."""

    def _run_batch(self, db: EngineConnection, batch: list[Waiting[object]]) -> None:
        """Read each in a transaction of its own, so that all it reads is of one moment."""
        for waiting in batch:
            try:
                value = self._run(db, waiting.job)
            except Exception as problem:  # noqa: BLE001 - told to who asked, by its future
                settle_all([Settled(waiting, error=self._engine.meaning(problem))])
            else:
                settle_all([Settled(waiting, value)])

    def _run(self, db: EngineConnection, job: Job[T]) -> T:
        with db.transaction():
            return job(db)

    def _end(self) -> None:
        """Free the thread's other resources."""


class Reader(_Thread):
    """The thread that reads; of an unreadable file it still returns the open sessions, from memory."""

    _query_only = True
    _copy: MemoryCopy

    def _make_ready(self) -> None:
        self._copy = MemoryCopy(with_people=self._engine.looks_s is not None)

    def _run_batch(self, db: EngineConnection, batch: list[Waiting[object]]) -> None:
        try:
            self._copy.keep_up(db, self._engine.version(db))
        except self._errors as problem:
            self._engine.meaning(problem)
        super()._run_batch(db, batch)

    def _run(self, db: EngineConnection, job: Job[T]) -> T:
        try:
            return super()._run(db, job)
        except self._errors as problem:
            if not self._engine.is_gone(problem):
                raise
            with contextlib.suppress(Exception):  # it asks for what the copy has not
                return super()._run(self._copy.database, job)
            raise

    def _end(self) -> None:
        self._copy.close()


class Writer(_Thread):
    """The thread that commits: a batch is one transaction, a job is one savepoint in it.

    Jobs that go first have none as long as all of them succeed: savepoints are two of the five statements of each.
    While the disk takes long for one commit, the jobs that wait behind it are withdrawn; nobody can say yet what
    becomes of those in it.
    """

    _committing_since: float | None = None
    _began = 0.0

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
            waiting.result.set_exception(StorageUnavailable(self._engine.hangs))
        elif waiting.first and self._engine.is_in_doubt:
            waiting.result.set_exception(StorageUnavailable(_IN_DOUBT))
        else:
            waiting.loop.call_later(_LOOK_S, self._lose_patience, waiting)

    def _committing_s(self) -> float:
        """Return the seconds since the running commit began, 0 if none runs."""
        since = self._committing_since
        return 0.0 if since is None else time.monotonic() - since

    def _run_batch(self, db: EngineConnection, batch: list[Waiting[object]]) -> None:
        version = self._engine.version
        looks = [waiting for waiting in batch if waiting.job == version]
        super()._run_batch(db, looks)  # takes no lock: a database that others hold can be looked at
        changes = [waiting for waiting in batch if waiting.job != version]
        if changes and (unsound := self._engine.problem()) is None:
            self._commit(db, changes)
            return
        problem = StorageUnavailable(str(unsound), lasts=self._engine.is_damaged) if changes else None
        settle_all([Settled(waiting, error=problem) for waiting in changes])

    def _commit(self, db: EngineConnection, batch: list[Waiting[object]]) -> None:
        """Commit the jobs, or as many as were done when one came that goes first: the others are put back.

        A job has no effect but in the database, so that all of them can be run again.
        """
        settled: list[Settled] = []
        for run in range(self._engine.runs):
            try:
                settled = self._run_once(db, batch)
            except self._errors as problem:
                with contextlib.suppress(*self._errors):  # it may be undone already
                    db.roll_back()
                if run + 1 < self._engine.runs and self._engine.may_run_again(problem):
                    continue
                settled = [Settled(waiting, error=self._engine.meaning(problem)) for waiting in batch]
            else:
                self._queue.put_back(batch[len(settled) :])
            break
        settle_all(settled)

    def _is_turn_over(self) -> bool:
        """Return whether this transaction has lasted so long that others, who wait for their turn, go first."""
        return self._engine.turn_s is not None and time.monotonic() - self._began > self._engine.turn_s

    def _run_once(self, db: EngineConnection, batch: list[Waiting[object]]) -> list[Settled]:
        try:
            db.begin()
            self._began = time.monotonic()
            settled = self._without_savepoints(db, batch) if batch[0].first else self._with_savepoints(db, batch)
            self._committing_since = time.monotonic()
            db.commit()
        finally:
            self._committing_since = None
        return settled

    def _without_savepoints(self, db: EngineConnection, batch: list[Waiting[object]]) -> list[Settled]:
        """Run all jobs; if one of them fails, run all of them again, each in a savepoint."""
        settled = []
        try:
            for waiting in batch:
                settled.append(Settled(waiting, waiting.job(db)))
                if self._is_turn_over():
                    break
        except Exception as problem:
            if self._engine.may_run_again(problem):
                raise
            db.roll_back()  # it fails again in its savepoint, and is told from there
            db.begin()
            return self._with_savepoints(db, batch)
        return settled

    def _with_savepoints(self, db: EngineConnection, batch: list[Waiting[object]]) -> list[Settled]:
        """Run the jobs until one comes that goes first."""
        settled = []
        for waiting in batch:
            settled.append(self._try(db, waiting))
            if self._is_turn_over() or (not waiting.first and self._queue.first_waits):
                break
        return settled

    def _try(self, db: EngineConnection, waiting: Waiting[object]) -> Settled:
        """Run one job; its own error undoes its own changes. Raise it where the whole batch is undone."""
        db.execute("savepoint job")
        try:
            value = waiting.job(db)
        except Exception as problem:
            if self._engine.may_run_again(problem):
                raise
            if not db.in_transaction:  # a full disk, say, has undone the whole batch
                raise StorageUnavailable(str(problem)) from problem
            db.execute("rollback to job")
            db.execute("release job")
            return Settled(waiting, error=self._engine.meaning(problem))
        db.execute("release job")
        return Settled(waiting, value)
