"""The clock of a server, by which leases of its replicas are judged: those of the hosts may be minutes apart."""

from datetime import datetime

from storage.connection import Connection


def now(db: Connection) -> datetime:
    """Return the moment by the clock of a database on a server."""
    moment: datetime = db.execute("select clock_timestamp()").fetchone()[0]
    return moment
