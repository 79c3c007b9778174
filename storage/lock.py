"""File locks of living processes: the kernel frees them when a process ends, however it ends."""

import fcntl
import os
import re
import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from storage._ownership import hand_over, named_after
from storage.errors import StorageError


class DatabaseInUse(RuntimeError):  # noqa: N818 - it names what is wrong, as its sentence does
    """Another process runs on this database; its text is one sentence with that process's id."""


class OwnerTaken(RuntimeError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A living process already has this owner's name."""


class DatabaseLock:
    """The lock of a database: at most one `run`, by any of the database's names.

    Two files are locked: one beside the database, with `.lock` added to its name, which holds the process id, and
    the database's own file, whose lock nobody can remove and every link leads to.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None
        self._inner: int | None = None

    def try_acquire(self) -> bool:
        """Acquire the lock if it is free (or already ours) and write our process id into its file.

        A database that is not there yet is locked by its name alone: ask again once it is.
        """
        named = self._descriptor is None
        if named:
            self._descriptor = _try_lock(self._path, like=named_after(self._path))
        if self._descriptor is None:
            return False
        if not self._try_inner():
            os.close(self._descriptor)
            self._descriptor = None
            return False
        if named:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return True

    def release(self) -> None:
        """Free the lock if we hold it. The file stays: removing it could leave two holders of one name.

        Call this when no connection to the database is open any more: closing any descriptor of its file takes away
        the locks that SQLite has on it in this process.
        """
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None
        if self._inner is not None:
            os.close(self._inner)
            self._inner = None

    def _try_inner(self) -> bool:
        """Lock the file of the database, if there is one; its descriptor is kept, also without the lock."""
        if self._inner is not None and not _leads_to(self._database, self._inner):
            os.close(self._inner)
            self._inner = None
        if self._inner is None:
            try:
                self._inner = os.open(self._database, os.O_RDWR)
            except OSError:  # it is not there yet, or cannot be opened, which opening the database will say
                return True
        return _lock_byte(self._inner)

    def holder(self) -> int | None:
        """Return the process id of the present, or last, holder of the lock; only for texts."""
        with suppress(OSError, ValueError):
            return int(self._path.read_text())
        return None

    def is_held(self) -> bool:
        """Return whether a process holds it now, this one included; nothing is made or changed.

        Not for a process that has the database open itself, for the same reason as in `release`.
        """
        return _is_locked(self._path) or _is_byte_locked(self._database)

    def __enter__(self) -> Self:
        if not self.try_acquire():
            holder = self.holder()
            who = f"the process {holder}" if holder else "another process"
            raise DatabaseInUse(f"This database is in use by {who}: stop it first, or wait until it ends.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class OwnerLocks:
    """One lock file per process in a directory, so that others can tell whether an owner still lives.

    An owner's name is made for one process and never used again: letters, digits, dots, dashes, underscores.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._held: dict[str, int] = {}

    def hold(self, owner: str) -> None:
        """Hold the lock of `owner`, which shows that this process lives, until `release`. Raises `OwnerTaken`."""
        path = self._path(owner)
        with suppress(FileExistsError):
            self._directory.mkdir(mode=0o700, parents=True)
            hand_over(self._directory, like=named_after(self._directory))
        descriptor = _try_lock(path, like=self._directory)
        if descriptor is None:
            raise OwnerTaken(f"A living process already goes by the name {owner}.")
        self._held[owner] = descriptor

    def release(self, owner: str) -> None:
        """Remove the owner's file, if we hold it, and with it the sign of life."""
        descriptor = self._held.pop(owner, None)
        if descriptor is not None:
            self._path(owner).unlink(missing_ok=True)
            os.close(descriptor)

    def is_alive(self, owner: str) -> bool:
        """Return whether a process holds this owner's lock, ours included. A missing file is a dead owner, if not us.

        The owner of a file that this user may not open counts as alive, so that nothing is done twice.
        """
        try:
            return owner in self._held or _is_locked(self._path(owner))
        except PermissionError:
            return True

    def renew(self) -> None:
        """Make our files again where somebody has removed them: without, we would count as dead."""
        for owner, descriptor in list(self._held.items()):
            if not _leads_to(self._path(owner), descriptor):
                with suppress(OwnerTaken):
                    self.hold(owner)
                    os.close(descriptor)

    def _path(self, owner: str) -> Path:
        if not re.fullmatch(r"\w[\w.-]*", owner):
            msg = "An owner's name is letters, digits, dots, dashes and underscores."
            raise ValueError(msg)
        return self._directory / f"{owner}.lock"


def refuse_second_names(database: Path) -> None:
    """Raise StorageError where the file has another name (a hard link) and this one may be the wrong one.

    SQLite keeps uncommitted data beside the file, under the name by which it was opened: a process that uses the
    other name does not see that, and writes over it. Where the -wal file stands, or the lock file of an earlier run,
    the name is the right one: a link that a backup made keeps nobody from starting.
    """
    beside = (database.with_name(f"{database.name}{ending}") for ending in ("-wal", ".lock"))
    with suppress(OSError):
        if database.is_file() and database.stat().st_nlink > 1 and not any(each.exists() for each in beside):
            msg = (
                f"The database {database} has another name (a hard link), under which others would write past it: "
                "remove that name, or make a copy instead, and start again."
            )
            raise StorageError(msg)


_BYTE: Final = 0x7FFFFFFF
"""The byte of the database's file that is locked, far from SQLite's own: 0x40000000 and the 511 after it."""

_FLOCK: Final = "hhqqi0q"
"""The C structure of a lock: type, whence, start, length, process."""


def _lock_byte(descriptor: int) -> bool:
    """Lock the byte for this descriptor; return False when another descriptor, of any process, has it.

    An ordinary (POSIX) lock would be lost as soon as SQLite closed any of its descriptors of this file, and `flock` is
    made a lock of the whole file by some network file systems, which would shut SQLite out. A lock of the open file
    description has neither flaw. Where the system knows none, the lock file has to do.
    """
    command = getattr(fcntl, "F_OFD_SETLK", None)
    if command is None:
        return True
    try:
        fcntl.fcntl(descriptor, command, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _BYTE, 1, 0))
    except (BlockingIOError, PermissionError):
        return False
    return True


def _is_byte_locked(database: Path) -> bool:
    command = getattr(fcntl, "F_OFD_GETLK", None)
    if command is None or not database.exists():
        return False
    descriptor = os.open(database, os.O_RDWR)
    try:
        found = fcntl.fcntl(descriptor, command, struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _BYTE, 1, 0))
    finally:
        os.close(descriptor)
    return bool(struct.unpack(_FLOCK, found)[0] != fcntl.F_UNLCK)


def _leads_to(path: Path, descriptor: int) -> bool:
    """Return whether the path still leads to the open file."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False


def _try_lock(path: Path, *, like: Path) -> int | None:
    """Open the file (mode 0600) and lock it; None when another holds it. The open descriptor is the lock.

    What root makes here belongs to the owner of `like`.
    """
    descriptor = _opened(path, like)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _opened(path: Path, like: Path) -> int:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    hand_over(descriptor, like)
    return descriptor


def _is_locked(path: Path) -> bool:
    """Return whether a process holds the lock on this file; without the file nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
