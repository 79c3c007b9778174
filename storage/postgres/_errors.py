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


BUSY: Final = "others are writing to it for too long"
UNREACHABLE: Final = "its server cannot be reached"
SILENT: Final = "its server does not answer"

_WORDS: Final = (
    (errors.LockNotAvailable, BUSY),
    (errors.QueryCanceled, "it takes too long"),
    (errors.DiskFull, "its server's disk is full"),
    (errors.OutOfMemory, "its server has no memory left"),
    (errors.ReadOnlySqlTransaction, "its server takes no writes now"),
    (errors.InsufficientPrivilege, "its role may not do this"),
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
    for kind, words in _WORDS:
        if isinstance(problem, kind):
            return StorageUnavailable(words)
    if isinstance(problem, psycopg.OperationalError):
        return StorageUnavailable(f"its server refuses it ({problem.sqlstate})")
    return problem
