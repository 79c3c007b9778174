"""The processes on one database: which of them live, and which one leads. Each engine has its own forms.

An owner is a process that does commands; what a dead one left half done is taken up by the leader. On SQLite owners
are lock files, and the leader is the one `run` that holds the database's lock: a second one waits. On a server owners
are leases, every `run` is a replica, and the leader is the one of them that holds the server's lock.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from storage.address import ServerAddress
from storage.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The lease of an owner on a server, by the clock of the database.

    `name` is its host and process id, `beat_age_s` the seconds since its last beat, and `lag_s` those that the database
    took to answer the one before, None before that. `clock_ahead_s` is how far the owner's wall clock is ahead of the
    database's. `is_replica` is false for a command at a terminal.
    """

    owner: str
    name: str
    version: str
    schema_version: int
    started_at: datetime
    beat_age_s: float
    is_alive: bool
    is_leader: bool
    is_replica: bool
    clock_ahead_s: float
    lag_s: float | None


class Owners(Protocol):
    """The owners on a database."""

    @property
    def looked_for_every_s(self) -> float:
        """The seconds between two looks for owners that died."""

    @property
    def renewed_within_s(self) -> float:
        """The seconds within which a living owner whose sign of life was removed puts it up again."""

    async def hold(self, owner: str) -> None:
        """Show that this process, by this name, lives, until `release`. Raises StorageError or OwnerTaken."""

    async def release(self, owner: str) -> None:
        """End the owner's sign of life: it is dead at once."""

    def renew(self) -> None:
        """Put up again the signs of life that somebody has removed."""

    def is_alive(self, db: Connection, owner: str) -> bool:
        """Return whether an owner lives, asked within a job."""

    def leases(self, db: Connection) -> Sequence[Lease]:
        """Return the leases, the leader's first; none where owners have no leases."""


class Leadership(Protocol):
    """The lead of a database."""

    @property
    def is_shared(self) -> bool:
        """Return whether others run as replicas beside the leader, rather than wait until it ends."""

    async def try_acquire(self) -> bool:
        """Acquire the lead if it is free, or already ours; return whether we have it."""

    async def acquired(self) -> None:
        """Wait until we lead. Only where the lead is shared."""

    async def lost(self) -> None:
        """Wait until we do not lead any more; where nothing but our end can take it away, for ever."""

    def is_held(self) -> bool:
        """Return whether we lead at this moment."""

    async def release(self) -> None:
        """Free the lead, if we have it: the next one takes over at once."""

    def holder(self) -> str | None:
        """Return the id of the process that leads, or led last, for texts; None if that is not known."""


@dataclass(frozen=True)
class Membership:
    """The owners and the lead of one database."""

    owners: Owners
    leadership: Leadership


def make_membership(
    database: Path | ServerAddress, version: str, follow: Callable[[float], None] = lambda _: None
) -> Membership:
    """Return the owners and the lead of a database, for a process of this version of the bot.

    A server says with each sign of life by how many seconds our clock is ahead of its own: `follow` takes that, in any
    thread.
    """
    if isinstance(database, ServerAddress):
        from storage.postgres import server_membership  # noqa: PLC0415 - its libraries are there only where it is used

        return server_membership(database, version, follow)
    from storage.sqlite import file_membership  # noqa: PLC0415 - it imports this module

    return file_membership(database)
