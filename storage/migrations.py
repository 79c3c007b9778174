"""The steps of the schema: appended for ever and never edited, from the first release on.

Never use `table.transform()` on these tables: it drops triggers silently, and the triggers are what makes
the audit complete (a test checks that they are there).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlite_utils import Database, Migrations

from storage.schema import FIRST

APPLICATION_ID: Final = 0x53424F54
"""Marks a database file as this program's (PRAGMA application_id)."""

TRIGGERS: Final = frozenset(
    {
        "audit_command_added",
        "audit_command_changed",
        "audit_session_added",
        "audit_session_changed",
        "audit_session_unconfirmed",
        "audit_keeps_lines",
        "audit_keeps_words",
        "audit_keeps_numbers",
        "cards_follow_sessions",
        "buttons_follow_sessions",
        "bulks_keep_outcomes",
    },
)

migrations = Migrations("session-bot")


@migrations()
def m001(db: Database) -> None:
    """Make every table with its triggers, as `storage.schema` describes them."""
    for statement in _statements(FIRST):
        db.execute(statement)


_BEFORE_THE_RELEASE: Final = "m001_sessions"
"""The first of the steps that databases of development had."""


def why_not(db: Database) -> str | None:
    """Return why the steps cannot be made on a database of ours, as the end of a sentence; None if they can."""
    applied = {each.name for each in migrations.applied(db)}
    if _BEFORE_THE_RELEASE in applied:
        return (
            "was made by a version before the first release, and cannot be brought up to date: stop its open sessions "
            "with that version, then name a new file in SESSION_BOT_DATABASE."
        )
    if applied - _names():
        return "was written by a newer version of this bot; run that version."
    return None


def _names() -> set[str]:
    with contextlib.closing(sqlite3.connect(":memory:")) as nothing:
        return {each.name for each in migrations.pending(Database(nothing))}


def _statements(script: str) -> Iterator[str]:
    """Yield the statements one by one: `executescript` would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
