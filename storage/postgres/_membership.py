"""The owners and the lead of a database on a server: leases, and a lock that the server frees."""

from collections.abc import Callable, Sequence

from storage.address import ServerAddress
from storage.connection import Connection
from storage.membership import Lease, Membership
from storage.postgres._presence import Presence
from storage.postgres._replicas import IS_ALIVE, LEASES

_REPLICA = "run-"


class LeasedOwners:
    """`Owners`, as leases."""

    looked_for_every_s = 2.0
    renewed_within_s = 0.0

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    async def hold(self, owner: str) -> None:
        """Begin to beat as this owner; raises StorageUnavailable."""
        await self._presence.hold(owner)

    async def release(self, owner: str) -> None:
        """Record that the owner is gone."""
        del owner  # there is one in a process
        await self._presence.say_goodbye()

    def renew(self) -> None:
        """Do nothing: it beats by itself."""

    def is_alive(self, db: Connection, owner: str) -> bool:
        """Return whether an owner's lease holds.

        Where the server itself was away a moment ago nobody could beat: then only those are dead that said goodbye.
        """
        found = db.execute(IS_ALIVE, [int(not self._presence.may_judge), owner]).fetchone()
        return found is not None and bool(found[0])

    def leases(self, db: Connection) -> Sequence[Lease]:
        """Return the leases of those that have not said goodbye, the leader's first."""
        rows = list(db.query(LEASES))
        for row in rows:
            row["is_leader"] = row["is_leader"] == 1
        return [Lease(**row, is_replica=row["owner"].startswith(_REPLICA)) for row in rows]


class SharedLeadership:
    """`Leadership`, as an advisory lock."""

    is_shared = True

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    async def try_acquire(self) -> bool:
        """Return whether we lead; the lead is asked for all the time."""
        return self._presence.is_leading()

    async def acquired(self) -> None:
        """Wait until we lead."""
        self._presence.want_lead()
        await self._presence.until(leading=True)

    async def lost(self) -> None:
        """Wait until we do not lead any more."""
        await self._presence.until(leading=False)

    def is_held(self) -> bool:
        """Return whether we surely lead at this moment."""
        return self._presence.is_leading()

    async def release(self) -> None:
        """End the connection that has the lock."""
        await self._presence.end()

    def holder(self) -> str | None:
        """Return None: the leases say who leads."""
        return None


def server_membership(
    address: ServerAddress, version: str, follow: Callable[[float], None] = lambda _: None
) -> Membership:
    """Return the owners and the lead of a database on a server."""
    presence = Presence(address, version, follow)
    return Membership(LeasedOwners(presence), SharedLeadership(presence))
