import json
import sqlite3
from collections.abc import Callable

import pytest
from sqlite_utils import Database, Migrations

from storage import alarms, sessions
from storage.alarms import Gathered
from storage.command import CommandState
from storage.message import Kind
from storage.records import HistorySays, Session, State
from storage.scenario_checks import Verdict
from storage.sqlite.migrations import TRIGGERS, m006, migrations
from tests.factories import new_session

pytestmark = pytest.mark.sqlite


def test_the_triggers_are_there(db: Database) -> None:
    """After the last step every trigger that the audit and the cards rest on exists, and no other."""
    assert {trigger.name for trigger in db.triggers} == TRIGGERS


def test_a_step_that_breaks_leaves_nothing_behind() -> None:
    """A step that fails half way is undone and stays to be done, so that a crash during it does no harm."""
    db = Database(memory=True)
    db.execute("create table probe (id integer primary key)")  # the last table of the first step
    with pytest.raises(sqlite3.OperationalError, match="probe already exists"):
        migrations.apply(db)
    assert set(db.table_names()) == {"_sqlite_migrations", "probe"}
    db.execute("drop table probe")
    migrations.apply(db)
    assert {trigger.name for trigger in db.triggers} == TRIGGERS


def test_the_tables_know_every_state(db: Database) -> None:
    """The words that the code knows are the words that the tables take."""
    schema = db.schema
    for enumeration in (State, CommandState, HistorySays, Kind, Verdict):
        assert all(f"'{word}'" in schema for word in enumeration)


def test_a_second_run_changes_nothing(db: Database) -> None:
    """Applying the steps again does nothing."""
    before = db.schema
    migrations.apply(db)
    assert db.schema == before


def test_a_database_of_the_first_step_is_brought_up(add_session: Callable[..., Session]) -> None:
    """What a bot recorded before a later step was added is there after it, and what was added is too."""
    db = Database(memory=True)
    migrations.apply(db, stop_before="m002")
    assert not db["rule_sources"].exists()
    recorded = {**new_session().__dict__, **dict.fromkeys(("last_event", "changed_by"), "x")}
    recorded |= dict.fromkeys(("changed_at", "created_at"), "2026-03-01T02:14:00+00:00") | {"state": "running"}
    db["sessions"].insert({name: value for name, value in recorded.items() if name in db["sessions"].columns_dict})
    migrations.apply(db)
    old = sessions.get(db, 1)
    assert old is not None
    assert (old.rule_name, old.rule_fingerprint, old.stop) == ("obedient", None, None)
    assert add_session(db, rule_fingerprint="f").rule_fingerprint == "f"
    assert db["rule_sources"].exists()


def test_a_step_that_was_left_out_is_made_up_for(db: Database) -> None:
    """A database that got the sixth step before the fifth gets the fifth, too, and is as any other."""
    late = Database(memory=True)
    migrations.apply(late, stop_before="m005")
    sixth = Migrations("session-bot")
    sixth(name="m006")(m006)
    sixth.apply(late)
    assert not late["session_counts"].exists()
    migrations.apply(late)
    made = "select type, name, sql from sqlite_master where sql is not null order by name"
    assert late.execute(made).fetchall() == db.execute(made).fetchall()


def test_the_lines_of_a_grouped_alarm_are_taken_over() -> None:
    """A message that gathered alarms of an earlier version goes on: an end is written into it, and each counts once."""
    db = Database(memory=True)
    migrations.apply(db, stop_before="m004")
    moment = "2026-03-01T02:14:00+00:00"
    recorded = {**new_session().__dict__, **dict.fromkeys(("last_event", "changed_by"), "x")}
    recorded |= dict.fromkeys(("changed_at", "created_at"), moment) | {"state": "running"}
    columns = {name: value for name, value in recorded.items() if name in db["sessions"].columns_dict}
    db["sessions"].insert_all([columns, columns, columns])  # type: ignore[union-attr]
    lines = [{"session": 1, "text": "#1: late", "over": False}, {"session": 2, "text": "#2 ended.", "over": True}]
    group = {
        "channel": "C1",
        "kind": "summary",
        "body": json.dumps({"text": "old", "lines": lines}),
        "created_at": moment,
    }
    reply = {"channel": "C1", "kind": "reply", "session": 3, "body": '{"text": "#3"}', "created_at": moment}
    for message in (group, reply):
        db["messages"].insert(message)
    told = [(1, 1), (2, 1), (1, 1), (3, 2)]
    for session, message_id in told:
        db["alarms"].insert({"channel": "C1", "session": session, "at": moment, "message": message_id})
    migrations.apply(db)
    assert alarms.gathered(db, 1, limit=9) == Gathered(calling=1, over=1, lines=["#1: late", "#2 ended."])
    assert alarms.call_off(db, 1, "#1 ended.")
    assert alarms.gathered(db, 1, limit=9) == Gathered(calling=0, over=2, lines=["#2 ended.", "#1 ended."])
    assert not alarms.call_off(db, 3, "#3 ended.")
