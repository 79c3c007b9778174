"""The server's errors, as what they mean for a job: run it again, tell that nothing was done, or a fault of the job.

Nothing of libpq's own texts is shown: of an address that it cannot read, they repeat parts, with the password.
"""

from typing import Final

import psycopg
from psycopg import errors

from storage.errors import StorageUnavailable


class Conflict(StorageUnavailable):
    """Another transaction was in the way, so that all of this one is undone: it is run again."""


class Unreachable(StorageUnavailable):
    """The connection is lost, or none could be made: what it was doing is undone."""


class Unsound(StorageUnavailable):
    """The server answers, and somebody must repair what it keeps, or what the bot's role may do."""

    def __init__(self, words: str) -> None:
        super().__init__(words, lasts=True)


BUSY: Final = "others are writing to it for too long"
UNREACHABLE: Final = "its server cannot be reached"
SILENT: Final = "its server does not answer"

_Reasons = tuple[tuple[tuple[type[psycopg.Error], ...], str], ...]

_WORDS: Final[_Reasons] = (
    ((errors.LockNotAvailable,), BUSY),
    ((errors.QueryCanceled,), "it takes too long"),
    ((errors.DiskFull,), "its server's disk is full"),
    ((errors.OutOfMemory,), "its server has no memory left"),
    ((errors.ReadOnlySqlTransaction,), "its server takes no writes now"),
)
_UNSOUND: Final[_Reasons] = (
    (
        (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction, errors.InvalidSchemaName),
        "its tables are not as the bot made them",
    ),
    ((errors.DataCorrupted, errors.IndexCorrupted, errors.UndefinedFile), "it is damaged"),
    ((errors.InsufficientPrivilege,), "its role may not do this"),
)
_ENDED: Final = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
)


def meaning(problem: psycopg.Error, *, is_lost: bool) -> Exception:
    """Return what an error means; one that tells of a fault in the statement or its values is returned as it is."""
    if isinstance(problem, errors.SerializationFailure | errors.DeadlockDetected):
        return Conflict("others changed the same at the same time")
    if is_lost or isinstance(problem, (*_ENDED, psycopg.InterfaceError)):
        return Unreachable(UNREACHABLE)
    for kinds, words in _WORDS:
        if isinstance(problem, kinds):
            return StorageUnavailable(words)
    for kinds, words in _UNSOUND:
        if isinstance(problem, kinds):
            return Unsound(words)
    if isinstance(problem, psycopg.OperationalError):
        return StorageUnavailable(f"its server refuses it ({problem.sqlstate})")
    return problem
