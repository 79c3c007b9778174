"""Who is alive, told by file locks: the kernel frees them when a process ends, however it ends."""

import fcntl
import os
import re
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from storage.ownership import hand_over, named_after


class DatabaseInUse(RuntimeError):  # noqa: N818 - it names what is wrong, as its sentence does
    """Another process runs on this database; its text is one sentence with that process's id."""


class OwnerTaken(RuntimeError):  # noqa: N818 - it names what is wrong, as its sentence does
    """A living process already goes by this owner's name."""


class DatabaseLock:
    """At most one `run` per database: the lock file stands beside it, with `.lock` added to its name."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor: int | None = None

    def try_acquire(self) -> bool:
        """Take the lock if it is free (or already ours) and write our process id into its file."""
        if self._descriptor is None:
            self._descriptor = _try_lock(self._path, like=named_after(self._path))
            if self._descriptor is not None:
                os.ftruncate(self._descriptor, 0)
                os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return self._descriptor is not None

    def release(self) -> None:
        """Free the lock if we hold it. The file stays: removing it could leave two holders of one name."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def holder(self) -> int | None:
        """Read the process id of who holds, or last held, the lock; only for telling people."""
        with suppress(OSError, ValueError):
            return int(self._path.read_text())
        return None

    def is_held(self) -> bool:
        """Tell whether a process holds it now, this one included; nothing is made or changed."""
        return _is_locked(self._path)

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
        """Show that this process lives as `owner`, until `release` or its end. Raises `OwnerTaken`."""
        path = self._path(owner)
        with suppress(FileExistsError):
            self._directory.mkdir(mode=0o700, parents=True)
            hand_over(self._directory, like=named_after(self._directory))
        descriptor = _try_lock(path, like=self._directory)
        if descriptor is None:
            raise OwnerTaken(f"A living process already goes by the name {owner}.")
        self._held[owner] = descriptor

    def release(self, owner: str) -> None:
        """Take the owner's file away, if we hold it, and with it the sign of life."""
        descriptor = self._held.pop(owner, None)
        if descriptor is not None:
            self._path(owner).unlink(missing_ok=True)
            os.close(descriptor)

    def is_alive(self, owner: str) -> bool:
        """Tell whether a process holds this owner's lock, ours included. A missing file is a dead owner.

        Of a file that this user may not open nobody can tell: its owner counts as alive, so nothing is done twice.
        """
        try:
            return _is_locked(self._path(owner))
        except PermissionError:
            return True

    def _path(self, owner: str) -> Path:
        if not re.fullmatch(r"\w[\w.-]*", owner):
            msg = "An owner's name is letters, digits, dots, dashes and underscores."
            raise ValueError(msg)
        return self._directory / f"{owner}.lock"


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
    """Tell whether a process holds the lock on this file; without the file nobody does."""
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
