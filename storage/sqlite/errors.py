"""The errors of SQLite, as what they mean for whom."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from storage.errors import StorageUnavailable

DAMAGED_NAMES: Final = "it is damaged: the names of its tables are no text"


@contextlib.contextmanager
def errors_told(path: Path) -> Iterator[None]:
    """Raise StorageUnavailable for every error of SQLite's in the block; it `lasts` where the file is damaged."""
    try:
        yield
    except UnicodeDecodeError as problem:  # in the words of its error stands a damaged name
        raise StorageUnavailable(DAMAGED_NAMES, lasts=True) from problem
    except sqlite3.Error as problem:
        lasts = not isinstance(problem, sqlite3.OperationalError)
        raise StorageUnavailable(cause(problem, path), lasts=lasts) from problem


def cause(problem: sqlite3.Error, path: Path) -> str:
    """Return the cause of an error as the end of a sentence: SQLite calls a full disk an I/O error where it maps it."""
    if getattr(problem, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_IOERR:
        return str(problem)
    with contextlib.suppress(OSError):
        if os.statvfs(path.parent).f_bavail == 0:
            return f"its disk is full ({problem})"
    return str(problem)


def is_busy(problem: sqlite3.Error) -> bool:
    """Return whether another process has the database locked; some errors of the module have no code."""
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
