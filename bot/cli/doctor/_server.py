"""Doctor, on a database on a server: whether it can be read, its clock, its leader and its replicas."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.cli.doctor._findings import Finding, ok, problem, warning
from storage import Connection
from storage.address import ServerAddress
from storage.errors import StorageUnavailable
from storage.opening import reading
from storage.server_clock import now as now_there

_OFF: Final = timedelta(seconds=5)


def examine_server(address: ServerAddress, content: Callable[[Connection], Iterator[Finding]]) -> Iterator[Finding]:
    """Check the server, and by `content` the database on it."""
    try:
        with reading(address) as db:
            yield from content(db)
            yield _clock(db)
    except StorageUnavailable as wrong:
        yield problem("database", f"{address} cannot be read: {wrong}.")


def _clock(db: Connection) -> Finding:
    """Compare this machine's clock with the server's."""
    off = datetime.now(UTC) - now_there(db)
    says = f"This machine's clock is {abs(off.total_seconds()):.1f} s {'ahead of' if off > timedelta() else 'behind'}"
    if abs(off) > _OFF:
        return warning("clock", f"{says} the database's. Set it: times in Slack are this machine's.")
    return ok("clock", f"{says} the database's.")
