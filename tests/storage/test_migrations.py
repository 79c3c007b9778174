import sqlite3

import pytest
from sqlite_utils import Database

from storage import commands
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


def test_commands_of_before_keep_their_sessions() -> None:
    """The step that links commands with sessions takes along those of one session, and those of a bulk stop."""
    db = Database(memory=True)
    db.conn.isolation_level = None
    migrations.apply(db, stop_before="m012_commands_of_sessions")
    at = "2026-03-01T02:14:00+00:00"
    for number in (1, 2, 3):
        db.execute(
            "insert into sessions (id, team, channel, channel_private, channel_shared, rule_id, starter, state,"
            " last_event, changed_at, changed_by, created_at)"
            " values (?, 'T', 'C', 0, 0, 1, 'U', 'running', '', ?, 'U', ?)",
            [number, at, at],
        )
    for number, session in ((1, 1), (2, None)):
        db.execute(
            "insert into commands (id, key, verb, session, actor, team, channel, via, digest, state, accepted_at,"
            " owner) values (?, ?, 'stop', ?, 'U', 'T', 'C', 'slash', 'd', 'done', ?, 'run-1')",
            [number, f"k{number}", session, at],
        )
    db.execute("insert into messages (id, channel, kind, created_at) values (1, 'C', 'summary', ?)", [at])
    db.execute("insert into bulks (id, command, summary, channel, actor, began_at) values (1, 2, 1, 'C', 'U', ?)", [at])
    for number in (2, 3):
        db.execute("insert into bulk_sessions (bulk, session, place) values (1, ?, 0)", [number])
    migrations.apply(db)
    assert [[each.id for each in commands.of_session(db, number)] for number in (1, 2, 3)] == [[1], [2], [2]]


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
