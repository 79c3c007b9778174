"""Threads and transactions over one SQLite file, nothing else.

All writes go through one thread, which commits everything that is waiting at once: one `BEGIN IMMEDIATE`,
a savepoint per job, and no job hears its result before the COMMIT. Reads have a thread of their own, so a
locked or full database can still be read. What the jobs do is in `sessions`, `commands`, `messages` and
`audit`: plain functions over a `sqlite_utils.Database`.
"""

import asyncio
import contextlib
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from sqlite_utils import Database

from storage.migrations import APPLICATION_ID, TRIGGERS, migrations

T = TypeVar("T")
Job = Callable[[Database], T]

BUSY_SECONDS: Final = 0.7
"""How long a writer waits for another process's lock: the verdict must be there within 1.5 s."""


class StorageError(Exception):
    """The database cannot be used; the text is a sentence for the person at the terminal."""


class StorageUnavailable(StorageError):  # noqa: N818 - the word for the state, as its reader will say it
    """Nothing was recorded: the database is locked, read-only, full or gone. For the person who typed."""


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

    def __init__(self, name: str, connect: Callable[[], Database]) -> None:
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
        """Read each in a transaction of its own, so that all it sees is of one moment."""
        for waiting in batch:
            try:
                with db.atomic():
                    value = waiting.job(db)
            except sqlite3.OperationalError as problem:
                waiting.tell(None, StorageUnavailable(str(problem)))
            except Exception as problem:  # noqa: BLE001 - told to whoever asked, by its future
                waiting.tell(None, problem)
            else:
                waiting.tell(value, None)


class _Writer(_Thread):
    """The thread that commits: a batch is one transaction, a job is one savepoint in it."""

    def _run_batch(self, db: Database, batch: list[_Waiting[object]]) -> None:
        looks = [waiting for waiting in batch if waiting.job is _data_version]
        super()._run_batch(db, looks)  # takes no lock: a database that others hold can be looked at
        if changes := [waiting for waiting in batch if waiting.job is not _data_version]:
            self._commit(db, changes)

    @staticmethod
    def _commit(db: Database, batch: list[_Waiting[object]]) -> None:
        told: list[tuple[_Waiting[object], object, BaseException | None]] = []
        try:
            db.execute("begin immediate")
            for waiting in batch:
                try:
                    with db.atomic():
                        value = waiting.job(db)
                except Exception as problem:  # noqa: BLE001 - told to whoever asked, by its future
                    if not db.conn.in_transaction:  # a full disk, say, has undone the whole batch
                        raise sqlite3.OperationalError(str(problem)) from None
                    told.append((waiting, None, _unavailable(problem)))
                else:
                    told.append((waiting, value, None))
            db.execute("commit")
        except sqlite3.Error as problem:
            with contextlib.suppress(sqlite3.Error):  # a failed COMMIT may already have rolled back
                db.conn.rollback()
            for waiting in batch:
                waiting.tell(None, StorageUnavailable(str(problem)))
        else:
            for waiting, result, error in told:
                waiting.tell(result, error)


def _unavailable(problem: Exception) -> Exception:
    return StorageUnavailable(str(problem)) if isinstance(problem, sqlite3.OperationalError) else problem


class Store:
    """The database of one process. `open` first, `close` last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: _Writer | None = None
        self._reader: _Thread | None = None

    async def open(self) -> None:
        """Create or migrate the file, 0600.

        Raises StorageError with a sentence if the file is another program's, of a newer version of this one,
        or cannot be opened.
        """
        await asyncio.to_thread(_prepare, self._path)
        self._writer = _Writer("storage-writer", lambda: _connect(self._path))
        self._reader = _Thread("storage-reader", lambda: _connect(self._path, query_only=True))

    async def write(self, job: Job[T]) -> T:
        """Run `job` in the next commit and give its result once it is on disk.

        Raises StorageUnavailable when nothing of it was recorded, or what the job itself raised (then only
        the job's own changes are undone).
        """
        if self._writer is None:
            msg = "the store is not open"
            raise StorageError(msg)
        return await self._writer.run(job)

    async def read(self, job: Job[T]) -> T:
        """Run `job` on a connection that cannot write."""
        if self._reader is None:
            msg = "the store is not open"
            raise StorageError(msg)
        return await self._reader.run(job)

    async def version(self) -> int:
        """Give a number that is another one as soon as another process has committed something.

        Our own commits do not change it: it is asked of the connection that makes them (PRAGMA data_version).
        """
        if self._writer is None:
            msg = "the store is not open"
            raise StorageError(msg)
        return await self._writer.run(_data_version)

    async def close(self) -> None:
        """Commit what is waiting and close both connections."""
        for thread in (self._writer, self._reader):
            if thread is not None:
                await thread.close()
        self._writer = self._reader = None


def _data_version(db: Database) -> int:
    return int(db.execute("pragma data_version").fetchone()[0])


def probe(db: Database) -> None:
    """Write what is there already, so that a database that cannot be written shows itself."""
    db.execute("pragma user_version = 0")


def _connect(path: Path, *, query_only: bool = False) -> Database:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = full")
    if query_only:
        connection.execute("pragma query_only = on")
    return Database(connection)


def _prepare(path: Path) -> None:
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with contextlib.closing(_connect(path).conn) as connection:
            db = Database(connection)
            _refuse_strangers(db, path)
            _close_to_others(path)
            db.enable_wal()
            migrations.apply(db)
            _refuse_gaps(db, path)
    except sqlite3.Error as problem:
        msg = f"The database {path} cannot be used: {problem}."
        raise StorageError(msg) from problem
    except OSError as problem:
        msg = f"The database {path} cannot be opened: {problem.strerror}."
        raise StorageError(msg) from problem


def _refuse_strangers(db: Database, path: Path) -> None:
    owner = db.execute("pragma application_id").fetchone()[0]
    if owner == APPLICATION_ID:
        _refuse_newer(db, path)
        return
    if owner or db.table_names():
        msg = f"The database {path} belongs to another program; name a new file in SESSION_BOT_DATABASE."
        raise StorageError(msg)
    db.execute(f"pragma application_id = {APPLICATION_ID}")


def _refuse_newer(db: Database, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as nothing:
        ours = {each.name for each in migrations.pending(Database(nothing))}
    if any(each.name not in ours for each in migrations.applied(db)):
        msg = f"The database {path} was written by a newer version of this bot; run that version."
        raise StorageError(msg)


def _refuse_gaps(db: Database, path: Path) -> None:
    """Run on no database whose audit has been switched off: other tools drop triggers silently."""
    missing = TRIGGERS - {each.name for each in db.triggers}
    if missing:
        msg = f"The database {path} lacks {', '.join(sorted(missing))}, so its audit has gaps; restore a backup."
        raise StorageError(msg)


def _close_to_others(path: Path) -> None:
    """Take everybody else's rights away, as a copied file may have them; -wal and -shm follow the file."""
    mode = path.stat().st_mode
    if mode & 0o077:
        path.chmod(mode & 0o700)
