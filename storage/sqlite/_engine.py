"""SQLite as an engine: how its file is opened and brought up to date, and what its errors mean."""

import asyncio
import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from storage.connection import Connection
from storage.errors import StorageError, StorageUnavailable
from storage.lock import refuse_second_names
from storage.sqlite._audit_chain import add_functions
from storage.sqlite._connection import SqliteConnection
from storage.sqlite._integrity import Integrity
from storage.sqlite.errors import DAMAGED_NAMES, cause, is_busy
from storage.sqlite.migrations import APPLICATION_ID, migrations
from storage.sqlite.statements import is_ours, missing_triggers, why_not
from storage.upgrading import make_steps

BUSY_SECONDS: Final = 0.7
"""The time for which a writer waits for another process's lock: the verdict must be there within 1.5 s."""

WAL_BYTES: Final = 4 * 1024 * 1024
"""The size to which the -wal file is cut after a checkpoint: a peak does not keep its room for ever."""

STATEMENTS_KEPT: Final = 512
"""The number of statements that a connection keeps compiled: more than there are."""

UPGRADE_SECONDS: Final = 30.0
"""The time for which a starting process waits for another one that brings the schema up to date."""

_UPGRADE_LOOK_S: Final = 0.05


class SqliteEngine:
    """One SQLite file."""

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    runs = 1
    turn_s: float | None = None
    looks_s: float | None = None
    hangs = "its disk takes seconds for a write"
    is_in_doubt = False
    is_damaged = True
    """What keeps it from being written, but for a lock, lasts: somebody has to repair it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._integrity = Integrity(path)

    async def prepare(self) -> None:
        """Create or migrate the file, 0600.

        Raises StorageError with a sentence if the file is another program's, of a newer version of this one
        or of one before the first release, or cannot be opened.
        """
        until = time.monotonic() + UPGRADE_SECONDS
        while not await asyncio.to_thread(_prepare, self._path, patient=time.monotonic() < until):  # noqa: ASYNC110 - nothing tells when another process is done
            await asyncio.sleep(_UPGRADE_LOOK_S)
        self._integrity = Integrity(self._path)

    def connect(self, *, query_only: bool = False) -> SqliteConnection:
        """Open a connection for the thread that calls; one that is `query_only` cannot write."""
        return SqliteConnection(connect(self._path, query_only=query_only))

    def version(self, db: Connection) -> int:
        """Return a number that changes with every commit of another connection."""
        return int(db.execute("pragma data_version").fetchone()[0])

    def problem(self) -> str | None:
        """Return why nothing may be recorded now, in a few words that go on a sentence; None if it may."""
        return self._integrity.problem()

    def meaning(self, problem: Exception) -> Exception:
        """Return the error that is raised to who asked: one of the database's own becomes StorageUnavailable."""
        if self._integrity.met(problem):
            return StorageUnavailable(self._integrity.problem() or str(problem), lasts=True)
        return StorageUnavailable(str(problem)) if isinstance(problem, sqlite3.OperationalError) else problem

    def is_gone(self, problem: Exception) -> bool:
        """Return whether the file is damaged."""
        return self._integrity.met(problem)

    def may_run_again(self, problem: Exception) -> bool:
        """Return False: the writer has the file for itself, so that nothing another does can be in its way."""
        del problem
        return False

    async def examine(self, written: int) -> str | None:
        """Return the file's problem, or None: its path must lead to the row that `probe` has written."""
        try:
            await asyncio.to_thread(self._integrity.look, written)
        except sqlite3.Error as problem:
            self._integrity.met(problem)
            return self._integrity.problem() or str(problem)
        return self._integrity.problem()

    async def end_waiting(self) -> None:
        """Do nothing: no thread waits for anything but its disk."""

    async def close(self) -> None:
        """Do nothing: each thread has closed its connection."""


def connect(path: Path, *, query_only: bool = False) -> sqlite3.Connection:
    """Open the file as every connection of the bot's has it."""
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
        with contextlib.closing(connect(path)) as connection:
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
