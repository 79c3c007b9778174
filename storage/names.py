"""Names of people and channels, as last learnt from Slack, by their ids: for posts and terminals, which show both."""

from collections.abc import Iterable, Mapping

from storage.connection import Connection
from storage.rows import marks, to_column


def record_person(db: Connection, person: str, name: str) -> None:
    """Record a person's name."""
    _record(db, "people", person, name)


def record_channel(db: Connection, channel: str, name: str) -> None:
    """Record a channel's name."""
    _record(db, "channels", channel, name)


def of_people(db: Connection, people: Iterable[str]) -> Mapping[str, str]:
    """Return the names of these people, as far as they are known."""
    wanted = list(people)
    return dict(db.execute(f"select id, name from people where id in ({marks(wanted)})", wanted).fetchall())


def of_all(db: Connection) -> Mapping[str, str]:
    """Return the known names of channels and people."""
    return dict(db.execute("select id, name from people union all select id, name from channels").fetchall())


def _record(db: Connection, table: str, id_: str, name: str) -> None:
    says = f"insert into {table} (id, name) values (?, ?) on conflict (id) do update set name = excluded.name"
    db.execute(says, [id_, to_column(name)])
