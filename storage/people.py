"""Names of people, as last learnt from Slack: for posts that name somebody without notifying them."""

from collections.abc import Iterable, Mapping

from storage.connection import Connection
from storage.rows import to_column


def record(db: Connection, person: str, name: str) -> None:
    """Record a person's name."""
    db.execute(
        "insert into people (id, name) values (?, ?) on conflict (id) do update set name = excluded.name",
        [person, to_column(name)],
    )


def names(db: Connection, people: Iterable[str]) -> Mapping[str, str]:
    """Return the names of these people, as far as they are known, by their ids."""
    wanted = list(people)
    marks = ", ".join("?" for _ in wanted)
    return dict(db.execute(f"select id, name from people where id in ({marks})", wanted).fetchall())
