"""The owners and the lead of a database in a file: lock files, which the kernel frees when a process ends."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from storage.connection import Connection
from storage.lock import DatabaseLock, OwnerLocks
from storage.membership import Lease, Membership

LOOKED_FOR_EVERY_S: Final = 30.0
"""The time within which the unfinished command of a killed terminal is resumed."""

RENEWED_WITHIN_S: Final = 3.0
"""A terminal whose sign of life was removed puts it up again within this time."""


class FileOwners:
    """`Owners`, as lock files in a folder beside the database."""

    looked_for_every_s = LOOKED_FOR_EVERY_S
    renewed_within_s = RENEWED_WITHIN_S

    def __init__(self, database: Path) -> None:
        self._locks = OwnerLocks(database.with_name(f"{database.name}.owners"))

    async def hold(self, owner: str) -> None:
        """Hold the owner's lock file."""
        self._locks.hold(owner)

    async def release(self, owner: str) -> None:
        """Remove the owner's lock file."""
        self._locks.release(owner)

    def renew(self) -> None:
        """Make the files again that somebody has removed."""
        self._locks.renew()

    def is_alive(self, db: Connection, owner: str) -> bool:
        """Return whether a process holds this owner's lock file."""
        del db  # the kernel knows it
        return self._locks.is_alive(owner)

    def leases(self, db: Connection) -> Sequence[Lease]:
        """Return none: a lock file has no age."""
        del db
        return ()


class FileLeadership:
    """`Leadership`, as the lock of the database: who has it not stands by."""

    is_shared = False

    def __init__(self, database: Path) -> None:
        self._lock = DatabaseLock(database)
        self._is_held = False

    async def try_acquire(self) -> bool:
        """Acquire the lock if it is free; of a database that is not there yet, ask again once it is."""
        self._is_held = self._lock.try_acquire()
        return self._is_held

    async def acquired(self) -> None:
        """Wait for ever: who stands by asks for the lock itself."""
        await asyncio.Event().wait()

    async def lost(self) -> None:
        """Wait for ever: nobody takes the lock away from a living process."""
        await asyncio.Event().wait()

    def is_held(self) -> bool:
        """Return whether we hold the lock."""
        return self._is_held

    async def release(self) -> None:
        """Free the lock."""
        self._is_held = False
        self._lock.release()

    def holder(self) -> str | None:
        """Return the process id in the lock's file."""
        held_by = self._lock.holder()
        return None if held_by is None else str(held_by)


def file_membership(database: Path) -> Membership:
    """Return the owners and the lead of a file."""
    return Membership(FileOwners(database), FileLeadership(database))
