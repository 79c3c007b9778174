import sqlite3

import pytest
from sqlite_utils import Database

from storage.migrations import TRIGGERS, migrations
from storage.records import HistorySays, Kind, State


def test_the_triggers_are_there(db: Database) -> None:
    """After the last step every trigger that the audit and the cards rest on exists, and no other."""
    assert {trigger.name for trigger in db.triggers} == TRIGGERS


def test_no_step_drops_what_another_made() -> None:
    """Each step only adds: tables, indexes and triggers of earlier steps are still there after it."""
    db, seen = Database(memory=True), set()
    for step in [each.name for each in migrations.pending(db)] + [None]:
        migrations.apply(db, stop_before=step) if step else migrations.apply(db)
        names = {row["name"] for row in db.query("select name from sqlite_master")}
        assert seen <= names
        seen = names


def test_a_step_that_breaks_leaves_nothing_behind() -> None:
    """A step that fails half way is undone and stays to be done, so that a crash during it does no harm."""
    db = Database(memory=True)
    migrations.apply(db, stop_before="m004_audit")
    db.execute("create trigger audit_keeps_words after insert on messages begin select 1; end")
    with pytest.raises(sqlite3.OperationalError, match="audit_keeps_words already exists"):
        migrations.apply(db)
    assert not db.table("audit").exists()
    db.execute("drop trigger audit_keeps_words")
    migrations.apply(db)
    assert {trigger.name for trigger in db.triggers} == TRIGGERS


def test_the_tables_know_every_state(db: Database) -> None:
    """The words that the code knows are the words that the tables take."""
    schema = db.schema
    for enumeration in (State, HistorySays, Kind):
        assert all(f"'{word}'" in schema for word in enumeration)


def test_a_second_run_changes_nothing(db: Database) -> None:
    """Applying the steps again does nothing."""
    before = db.schema
    migrations.apply(db)
    assert db.schema == before
