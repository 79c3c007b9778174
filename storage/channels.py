"""How channels are called, as Slack said it last: for terminals, which show it beside the id."""

from collections.abc import Mapping

from storage.connection import Connection
from storage.rows import to_column


def remember(db: Connection, channel: str, name: str) -> None:
    """Keep a channel's name, from now on."""
    db.execute(
        "insert into channels (id, name) values (?, ?) on conflict (id) do update set name = excluded.name",
        [channel, to_column(name)],
    )


def names_of_all(db: Connection) -> Mapping[str, str]:
    """Return every channel's name, as far as it is known, and every person's, by their ids."""
    return dict(db.execute("select id, name from people union all select id, name from channels").fetchall())
