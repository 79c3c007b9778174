"""Doctor, on a database on a server: whether it can be read, its clock, its leader and its replicas."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.process import version_number
from bot.text import counted
from storage import Connection
from storage.address import ServerAddress
from storage.errors import StorageUnavailable
from storage.membership import Lease, make_membership
from storage.opening import reading
from storage.server_clock import now as now_there

_OFF_S: Final = 5.0
_SLOW_S: Final = 0.5


def examine_server(address: ServerAddress, content: Callable[[Connection], Iterator[Finding]]) -> Iterator[Finding]:
    """Check the server, and by `content` the database on it."""
    membership = make_membership(address, version_number(), lambda _: None)
    try:
        with reading(address) as db:
            yield from content(db)
            yield _clock("This machine's clock", (datetime.now(UTC) - now_there(db)).total_seconds())
            yield from _replicas([each for each in membership.owners.leases(db) if each.is_replica])
    except StorageUnavailable as wrong:
        yield problem("database", f"{address} cannot be read: {wrong}.")


def _replicas(leases: Sequence[Lease]) -> Iterator[Finding]:
    """Check the leases: who lives, who leads, whose clock is off, and which versions there are."""
    alive = [each for each in leases if each.is_alive]
    for each in leases:
        if not each.is_alive:
            yield warning("replica", f"{each.name} has been silent for {each.beat_age_s:.0f} s: it counts as dead.")
    if not alive:
        yield warning("running", "No bot runs on this database now.")
        return
    leaders = [each.name for each in alive if each.is_leader]
    says = f"{counted(len(alive), 'replica')}: {', '.join(each.name for each in alive)}"
    if leaders:
        yield ok("running", f"{says}. {leaders[0]} leads.")
    else:
        yield warning("running", f"{says}. None leads now; one should within 5 s.")
    if len(versions := sorted({each.version for each in alive})) > 1:
        yield warning("versions", f"They are {' and '.join(versions)}: finish the upgrade.")
    for each in alive:
        if abs(each.clock_ahead_s) > _OFF_S:
            yield _clock(f"The clock of {each.name}", each.clock_ahead_s)
        if each.lag_s is not None and each.lag_s > _SLOW_S:
            yield warning("lag", f"The database took {each.lag_s:.1f} s to answer {each.name}.")


def _clock(whose: str, ahead_s: float) -> Finding:
    says = f"{whose} is {abs(ahead_s):.1f} s {'ahead of' if ahead_s > 0 else 'behind'} the database's."
    return warning("clock", f"{says} Set it right, with NTP.") if abs(ahead_s) > _OFF_S else ok("clock", says)
