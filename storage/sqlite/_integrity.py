"""Checks that the open database is still the one at its path, and undamaged.

SQLite goes on writing into a file that was removed or replaced, and reads a damaged one until it meets the damage:
its new records are gone with the process. So the names are checked before every commit, and `examine` writes
a row and reads it through a connection of its own, as the next process will.
"""

import contextlib
import logging
import sqlite3
import time
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

_CHECKED_S: Final = 0.2
"""The time limit of reading the pages: a large database is checked as far as that goes."""

_STEPS: Final = 10_000
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY: Final = 0xFF
_FILES: Final = {"": "file", "-wal": "-wal file", "-shm": "-shm file"}


class Integrity:
    """The problem with the files of an open database; each problem is logged once, as ERROR."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: dict[str, tuple[int, int]] = {}
        self._damage: str | None = None
        self._said: str | None = None

    def problem(self) -> str | None:
        """Return why nothing may be recorded now, in a few words that go on a sentence; None if it may."""
        problem = self._moved() or self._damage
        if problem != self._said:
            self._say(problem)
        return problem

    def met(self, error: BaseException) -> bool:
        """Record an error of SQLite's; return whether it means damage, which stays until the process ends."""
        is_damage = isinstance(error, sqlite3.DatabaseError) and (
            getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _DAMAGED
        )
        if is_damage and self._damage is None:
            self._damage = f"it is damaged: {error}"
            self.problem()
        return is_damage

    def look(self, written: int) -> None:
        """Read the row of `probe` through a connection of its own, and check the pages.

        Raises sqlite3.Error where the path leads to no readable database.
        """
        with contextlib.closing(sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=rw", uri=True)) as connection:
            found = connection.execute("select number from probe").fetchone()
            if found is None or found[0] < written:
                self._damage = "its file was replaced"
            until = time.monotonic() + _CHECKED_S
            connection.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            with contextlib.suppress(sqlite3.OperationalError):  # interrupted: so far nothing was found
                said = str(connection.execute("pragma quick_check(1)").fetchone()[0])
                if said != "ok":
                    self._damage = f"it is damaged: {said.splitlines()[-1]}"
        self.problem()

    def _moved(self) -> str | None:
        for ending, name in _FILES.items():
            opened = self._opened.get(ending)
            try:
                found = self._path.with_name(f"{self._path.name}{ending}").stat()
            except FileNotFoundError:
                if opened is not None:
                    return f"its {name} was removed"
                continue
            except OSError as error:
                return f"its {name} cannot be looked at: {error.strerror}"
            if self._opened.setdefault(ending, (found.st_dev, found.st_ino)) != (found.st_dev, found.st_ino):
                return f"its {name} was replaced"
            if not ending and not found.st_size:
                return "its file was emptied"
        return None

    def _say(self, problem: str | None) -> None:
        """Log the problem once, with its consequences."""
        before, self._said = self._said, problem
        if problem is None:
            log.warning("the database %s is as it was: recording goes on", self._path)
            return
        if before is not None:
            log.info("of the database it is said now: %s", problem)
            return
        log.error(
            "nothing can be recorded in the database %s: %s. Starts are refused, stops go out. "
            "Put back what was there, or restore a backup, and restart the bot",
            self._path,
            problem,
        )
