"""Names of channels, as last learnt from Slack: for terminals, which show them beside the ids."""

from collections.abc import Mapping

from storage.connection import Connection
from storage.rows import to_column


def record(db: Connection, channel: str, name: str) -> None:
    """Record a channel's name."""
    db.execute(
        "insert into channels (id, name) values (?, ?) on conflict (id) do update set name = excluded.name",
        [channel, to_column(name)],
    )


def names_of_all(db: Connection) -> Mapping[str, str]:
    """Return the known names of channels and people, by their ids."""
    return dict(db.execute("select id, name from people union all select id, name from channels").fetchall())
