"""The store: jobs in, results out, over one database.

All writes go through one thread, which commits everything that is waiting at once: one `BEGIN IMMEDIATE`,
a savepoint per job, and no job hears its result before the COMMIT. Reads have a thread of their own, so a
locked or full database can still be read. What the jobs do is in `sessions`, `commands`, `messages` and
`audit`: plain functions over a `Connection`. Where a job looks first and writes by what it saw, and would do wrong if
another wrote in between, its code says *One writer*.
"""

import asyncio
import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Final, TypeVar

from sqlite_utils import Database

from storage.connection import Job
from storage.errors import StorageError, StorageUnavailable
from storage.inspection import is_ours, missing_triggers, why_not
from storage.lock import refuse_second_names
from storage.opening import DAMAGED_NAMES, cause, is_busy
from storage.sqlite import Integrity, Reader, ThreadConnection, Writer, add_functions, data_version, probe
from storage.sqlite.migrations import APPLICATION_ID, migrations
from storage.upgrading import make_steps

T = TypeVar("T")

BUSY_SECONDS: Final = 0.7
"""The time for which a writer waits for another process's lock: the verdict must be there within 1.5 s."""

WAL_BYTES: Final = 4 * 1024 * 1024
"""The size to which the -wal file is cut after a checkpoint: a peak does not keep its room for ever."""

STATEMENTS_KEPT: Final = 512
"""The number of statements that a connection keeps compiled: more than there are."""

UPGRADE_SECONDS: Final = 30.0
"""The time for which a starting process waits for another one that brings the schema up to date."""

_UPGRADE_LOOK_S: Final = 0.05


class Store:
    """The database of one process. `open` first, `close` last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._integrity = Integrity(path)
        self._writer: Writer | None = None
        self._reader: Reader | None = None

    async def open(self) -> None:
        """Create or migrate the file, 0600.

        Raises StorageError with a sentence if the file is another program's, of a newer version of this one
        or of one before the first release, or cannot be opened.
        """
        until = time.monotonic() + UPGRADE_SECONDS
        while not await asyncio.to_thread(_prepare, self._path, patient=time.monotonic() < until):  # noqa: ASYNC110 - nothing tells when another process is done
            await asyncio.sleep(_UPGRADE_LOOK_S)
        self._integrity = Integrity(self._path)
        self._writer = Writer("storage-writer", lambda: ThreadConnection(_connect(self._path)), self._integrity)
        reading = lambda: ThreadConnection(_connect(self._path, query_only=True))  # noqa: E731 - as the writer's
        self._reader = Reader("storage-reader", reading, self._integrity)

    async def write(self, job: Job[T], *, first: bool = False) -> T:
        """Run `job` in the next commit and return its result once it is on disk.

        Jobs that go `first` are committed together, before all others that wait: somebody waits for them.
        Raises StorageUnavailable when nothing of it was recorded, or the job's own error (then only
        the job's own changes are undone).
        """
        if self._writer is None:
            msg = "the store is not open"
            raise StorageError(msg)
        return await self._writer.run(job, first=first)

    async def read(self, job: Job[T]) -> T:
        """Run `job` on a connection that cannot write."""
        if self._reader is None:
            msg = "the store is not open"
            raise StorageError(msg)
        return await self._reader.run(job)

    async def version(self) -> int:
        """Return a number that changes as soon as another process has committed something.

        Our own commits do not change it: it is asked of the connection that makes them (PRAGMA data_version).
        """
        if self._writer is None:
            msg = "the store is not open"
            raise StorageError(msg)
        return await self._writer.run(data_version)

    async def examine(self) -> str | None:
        """Return the database's problem, or None: it must take a row, and the path must lead to that row."""
        try:
            written = await self.write(probe)
            await self.read(lambda _: None)  # so that the open sessions are remembered as they are now
            await asyncio.to_thread(self._integrity.look, written)
        except StorageUnavailable as problem:
            return str(problem)
        except sqlite3.Error as problem:
            self._integrity.met(problem)
            return self._integrity.problem() or str(problem)
        return self._integrity.problem()

    async def close(self) -> None:
        """Commit what is waiting and close both connections."""
        for thread in (self._writer, self._reader):
            if thread is not None:
                await thread.close()
        self._writer = self._reader = None


def _connect(path: Path, *, query_only: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=STATEMENTS_KEPT)
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma synchronous = full")
    connection.execute(f"pragma journal_size_limit = {WAL_BYTES}")
    connection.execute("pragma secure_delete = on")  # what is removed is gone from the file
    add_functions(connection)
    if query_only:
        connection.execute("pragma query_only = on")
    return connection


def _prepare(path: Path, *, patient: bool) -> bool:
    """Make the file usable; return False if another process is doing that now, and is waited for."""
    refuse_second_names(path)
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with contextlib.closing(_connect(path)) as connection:
            db = Database(connection)
            if not is_ours(db) or migrations.pending(db) or db.journal_mode != "wal":
                _bring_up(db, path)
            _refuse(db, path)
            _refuse_gaps(db, path)
            _close_to_others(path)
    except sqlite3.Error as problem:
        if is_busy(problem):
            if patient:
                return False
            msg = (
                f"The database {path} is locked by another process, which may be bringing it up to date: wait until it"
                " is done, and try again."
            )
            raise StorageError(msg) from problem
        msg = f"The database {path} cannot be used: {cause(problem, path)}."
        raise StorageError(msg) from problem
    except UnicodeDecodeError as problem:
        msg = f"The database {path} cannot be used: {DAMAGED_NAMES}."
        raise StorageError(msg) from problem
    except OSError as problem:
        msg = f"The database {path} cannot be opened: {problem.strerror}."
        raise StorageError(msg) from problem
    return True


def _bring_up(db: Database, path: Path) -> None:
    """Bring the schema to this version. Concurrent processes share the remaining steps."""
    db.execute("begin immediate")
    _refuse(db, path)
    db.execute(f"pragma application_id = {APPLICATION_ID}")
    make_steps(db, str(path))
    db.execute("commit")
    db.enable_wal()


def _refuse(db: Database, path: Path) -> None:
    """Raise StorageError for a database that is another program's, or that this version cannot run on."""
    if is_ours(db):
        if (why := why_not(db)) is not None:
            raise StorageError(f"The database {path} {why}")
    elif db.execute("pragma application_id").fetchone()[0] or db.table_names():
        msg = f"The database {path} belongs to another program; name a new file in SESSION_BOT_DATABASE."
        raise StorageError(msg)


def _refuse_gaps(db: Database, path: Path) -> None:
    if missing := missing_triggers(db):
        msg = f"The database {path} lacks {', '.join(sorted(missing))}, so its audit has gaps; restore a backup."
        raise StorageError(msg)


def _close_to_others(path: Path) -> None:
    """Remove everybody else's rights, as a copied file may have them; -wal and -shm follow the file."""
    mode = path.stat().st_mode
    if mode & 0o077:
        path.chmod(mode & 0o700)
