"""The steps of the schema: appended for ever and never edited, from the first release on.

Never use `table.transform()` on these tables: it drops triggers silently, and the triggers are what makes
the audit complete (a test checks that they are there).
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlite_utils import Database, Migrations

from storage.sqlite._announcements import (
    ALARM_COLUMNS,
    ALARMS,
    ANNOUNCEMENTS,
    REVISIONS,
    SESSION_COLUMNS,
    WITHOUT_NUMBER,
)
from storage.sqlite._audit_chain import CHAIN, CHAIN_COLUMNS, FORGOTTEN_COLUMN, add_functions, chain_old_lines
from storage.sqlite._drafts import DRAFTS
from storage.sqlite._growth import GROWTH, GROWTH_TRIGGERS
from storage.sqlite._plain_truth import PLAIN_TRUTH
from storage.sqlite._scenario_checks import SCENARIO_CHECKS
from storage.sqlite._slack_answers import SLACK_ANSWERS
from storage.sqlite.schema import FIRST

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
        "audit_chains_lines",
        "cards_follow_sessions",
        "buttons_follow_sessions",
        "bulks_keep_outcomes",
        "revisions_begin",
        "revisions_grow",
        *GROWTH_TRIGGERS,
    },
)

migrations = Migrations("session-bot")


@migrations()
def m001(db: Database) -> None:
    """Make every table with its triggers, as `storage.sqlite.schema` describes them."""
    for statement in _statements(FIRST):
        db.execute(statement)


@migrations()
def m002(db: Database) -> None:
    """Make the tables of checked scenarios, see `storage.scenario_checks`."""
    for statement in _statements(SCENARIO_CHECKS):
        db.execute(statement)


@migrations()
def m003(db: Database) -> None:
    """Add to a session what its scenario answered to the stop, and which scenarios its rule had at its start."""
    db.execute("alter table sessions add column stop_answer text")
    db.execute("alter table sessions add column rule_fingerprint text")


@migrations()
def m004(db: Database) -> None:
    """Add what sessions announce of themselves, see `storage.sqlite._announcements`."""
    for table, columns in (("sessions", SESSION_COLUMNS), ("alarms", ALARM_COLUMNS)):
        for column in columns:
            db.execute(f"alter table {table} add column {column}")
    for statement in _statements(f"{ANNOUNCEMENTS}{REVISIONS}{ALARMS}{WITHOUT_NUMBER}"):
        db.execute(statement)


@migrations()
def m005(db: Database) -> None:
    """Keep statements as fast as they are, whatever is behind them, see `storage.sqlite._growth`."""
    for statement in _statements(GROWTH):
        db.execute(statement)


@migrations()
def m006(db: Database) -> None:
    """Chain the audit, and add when a session was forgotten, see `storage.sqlite._audit_chain`."""
    add_functions(db.conn)
    for column in CHAIN_COLUMNS:
        db.execute(f"alter table audit add column {column}")
    db.execute(f"alter table sessions add column {FORGOTTEN_COLUMN}")
    db.execute("drop trigger audit_keeps_words")
    chain_old_lines(db)
    for statement in _statements(CHAIN):
        db.execute(statement)


@migrations()
def m007(db: Database) -> None:
    """Make the table of Slack's answers, see `storage.sqlite._slack_answers`."""
    for statement in _statements(SLACK_ANSWERS):
        db.execute(statement)


@migrations()
def m008(db: Database) -> None:
    """Make the table of drafts, see `storage.sqlite._drafts`."""
    for statement in _statements(DRAFTS):
        db.execute(statement)


@migrations()
def m009(db: Database) -> None:
    """Make the indexes on alarms in words that every engine understands, see `storage.sqlite._plain_truth`."""
    for statement in _statements(PLAIN_TRUTH):
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """Yield the statements one by one: `executescript` would commit between them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
