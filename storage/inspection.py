"""Checks of a database before it is used: program, version, pages, and triggers of the audit."""

from types import ModuleType

from storage import sqlite
from storage.connection import Connection


def statements_of(db: Connection) -> ModuleType:
    """Return the statements of a connection's engine; a connection of sqlite-utils, which names none, is SQLite's."""
    found: ModuleType = getattr(db, "statements", sqlite.statements)
    return found


def is_ours(db: Connection) -> bool:
    """Return whether it is a database of this program, of any version."""
    found: bool = statements_of(db).is_ours(db)
    return found


def why_not(db: Connection) -> str | None:
    """Return why this version cannot run on a database of ours, as the end of a sentence; None if it can."""
    found: str | None = statements_of(db).why_not(db)
    return found


def steps_left(db: Connection) -> int:
    """Return the number of pending steps of the schema; none is made."""
    found: int = statements_of(db).steps_left(db)
    return found


def missing_triggers(db: Connection) -> frozenset[str]:
    """Return the missing triggers: other tools drop them silently, and the audit has gaps then."""
    found: frozenset[str] = statements_of(db).missing_triggers(db)
    return found


def foreign_triggers(db: Connection) -> frozenset[str]:
    """Return the triggers that this version does not make, or not so: by one of them what happens has no line."""
    found: frozenset[str] = statements_of(db).foreign_triggers(db)
    return found


def damage(db: Connection) -> str | None:
    """Read all pages, where this engine can be asked for that; return the first problem with them, None without any."""
    found: str | None = statements_of(db).damage(db)
    return found


def audit_columns(db: Connection) -> frozenset[str]:
    """Return the columns of the audit, none where its table is not there."""
    found: frozenset[str] = statements_of(db).audit_columns(db)
    return found


def last_written(db: Connection, table: str) -> int:
    """Return the largest number that a row of this table ever had, 0 for none."""
    found: int = statements_of(db).last_written(db, table)
    return found
