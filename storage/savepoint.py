"""Savepoints: parts of one job that fail alone."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from storage.connection import Connection
from storage.errors import StorageUnavailable

T = TypeVar("T")


def alone(db: Connection, part: Callable[[], T]) -> T:
    """Return the result of a part of a job; its error undoes only its own changes.

    Raises StorageUnavailable for the database's own state, which is everybody's, and where the whole commit is undone.
    """
    db.execute("savepoint part")
    try:
        value = part()
    except BaseException as problem:
        try:
            db.execute("rollback to part")
            db.execute("release part")
        except (sqlite3.OperationalError, StorageUnavailable):  # the database has undone all of it
            if isinstance(problem, StorageUnavailable):
                raise problem from None
            raise StorageUnavailable(str(problem)) from problem
        if isinstance(problem, sqlite3.OperationalError):
            raise StorageUnavailable(str(problem)) from problem
        raise
    db.execute("release part")
    return value
