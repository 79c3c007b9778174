"""The statements that only SQLite has: its file's marks and steps, its triggers, and the audit as bytes.

Those of PostgreSQL stand by the same names in `storage.postgres.statements`; `storage.inspection` takes the right ones.
"""

import contextlib
import functools
import sqlite3
from collections.abc import Mapping
from typing import Final

from sqlite_utils import Database

from storage.connection import Connection
from storage.sqlite.migrations import APPLICATION_ID, TRIGGERS, migrations

_BEFORE_THE_RELEASE: Final = "m001_sessions"
"""The first of the steps that databases of development had."""


def is_ours(db: Connection) -> bool:
    """Return whether it is a database of this program, of any version."""
    return bool(db.execute("pragma application_id").fetchone()[0] == APPLICATION_ID)


def why_not(db: Connection) -> str | None:
    """Return why this version cannot run on a database of ours, as the end of a sentence; None if it can."""
    applied = _applied(db)
    if _BEFORE_THE_RELEASE in applied:
        return (
            "was made by a version before the first release, and cannot be brought up to date: stop its open sessions "
            "with that version, then name a new file in SESSION_BOT_DATABASE."
        )
    if applied - _steps():
        return "was written by a newer version of this bot; run that version."
    return None


def steps_left(db: Connection) -> int:
    """Return the number of pending steps of the schema; none is made."""
    return len(_steps() - _applied(db))


def missing_triggers(db: Connection) -> frozenset[str]:
    """Return the missing triggers: other tools drop them silently, and the audit has gaps then."""
    return TRIGGERS - _triggers(db).keys()


def foreign_triggers(db: Connection) -> frozenset[str]:
    """Return the triggers that this version does not make, or not so: by one of them what happens has no line."""
    made = _made_triggers()
    return frozenset(name for name, sql in _triggers(db).items() if made.get(name) != sql)


def damage(db: Connection) -> str | None:
    """Read all pages; return the first problem with them, None if there is none."""
    said = str(db.execute("pragma quick_check(5)").fetchone()[0])
    return None if said == "ok" else said


def audit_columns(db: Connection) -> frozenset[str]:
    """Return the columns of the audit, none where its table is not there."""
    return frozenset(name for (name,) in db.execute("select name from pragma_table_info('audit')"))


def last_written(db: Connection, table: str) -> int:
    """Return the largest number that a row of this table ever had, 0 for none."""
    row = db.execute("select cast(seq as integer) from sqlite_sequence where name = ?", [table]).fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def as_bytes(column: str) -> str:
    """Return a column of the audit as bytes, whatever somebody has put into it."""
    return f"cast({column} as blob)"


def _triggers(db: Connection) -> dict[str, str]:
    return dict(db.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall())


@functools.cache
def _made_triggers() -> Mapping[str, str]:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        db = Database(connection)
        migrations.apply(db)
        return _triggers(db)


def _applied(db: Connection) -> set[str]:
    kept = db.execute("select 1 from sqlite_master where name = ?", [migrations.migrations_table]).fetchone()
    if kept is None:
        return set()
    rows = db.query(f"select name from {migrations.migrations_table} where migration_set = ?", [migrations.name])
    return {str(row["name"]) for row in rows}


def _steps() -> set[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as nothing:
        return {each.name for each in migrations.pending(Database(nothing))}
