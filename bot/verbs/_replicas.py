"""The replicas of the bot, as `status` shows them where there may be several."""

from collections.abc import Iterable

from bot.text import code, moment
from storage.membership import Lease

_CLOCK_OFF_S = 5


def replica_lines(leases: Iterable[Lease]) -> list[str]:
    """Return a line for each living replica, the leader first; none where the bot has no replicas."""
    return [_line(each) for each in leases if each.is_replica and each.is_alive]


def _line(lease: Lease) -> str:
    part = "leads" if lease.is_leader else "follows"
    said = f"Replica {code(lease.name)} {part}, version {lease.version}, since {moment(lease.started_at)}"
    if abs(lease.clock_ahead_s) < _CLOCK_OFF_S:
        return f"{said}."
    way = "ahead of" if lease.clock_ahead_s > 0 else "behind"
    return f"{said}; its clock is {abs(lease.clock_ahead_s):.0f} s {way} the database's."
