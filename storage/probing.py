"""A row that is written to see whether the database can be."""

from storage.connection import Connection


def probe(db: Connection) -> int:
    """Write a row of its own, as a command does; return its number, which only grows."""
    db.execute("insert into probe (id, number) values (1, 1) on conflict (id) do update set number = probe.number + 1")
    return int(db.execute("select number from probe").fetchone()[0])
