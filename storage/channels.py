"""How channels are called, as Slack said it last: for terminals, which show it beside the id."""

from collections.abc import Mapping

from sqlite_utils import Database

from storage.rows import to_column


def remember(db: Database, channel: str, name: str) -> None:
    """Keep a channel's name, from now on."""
    db.execute(
        "insert into channels (id, name) values (?, ?) on conflict (id) do update set name = excluded.name",
        [channel, to_column(name)],
    )


def names_of_all(db: Database) -> Mapping[str, str]:
    """Return every channel's name, as far as it is known, and every person's, by their ids.

    A database that an older version made has none.
    """
    tables = [each for each in ("people", "channels") if db.table(each).exists()]
    return {id_: name for each in tables for id_, name in db.execute(f"select id, name from {each}").fetchall()}
