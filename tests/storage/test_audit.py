import contextlib
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlite_utils import Database

from storage import audit, commands, sessions, stops
from storage.command import CommandState, NewCommand
from storage.records import Session, State
from storage.sqlite.migrations import migrations
from tests.postgres.databases import connection_to, fresh_database

from .conftest import NOW

NewCommands = Callable[..., NewCommand]
AddSession = Callable[..., Session]

LINE_ONE = "into audit (id, at, subject, team, channel, actor, became) values (1, '', 'note', '', '', '', '')"


def test_every_step_of_a_command_has_its_line(db: Database, new_command: NewCommands, now: datetime) -> None:
    """Accepted, calling and done are three lines, each with who, where, how and what was before."""
    command = commands.admit(db, new_command(), window=None).command
    commands.mark_calling(db, command.id, now=now)
    commands.finish(db, command.id, CommandState.done, "Started #1.", now=now)
    lines = audit.lines(db, command=command.id)
    assert [(line.was, line.became) for line in lines] == [
        (None, "accepted"),
        ("accepted", "calling"),
        ("calling", "done"),
    ]
    assert {(line.actor, line.channel, line.team, line.verb, line.via) for line in lines} == {
        ("U1", "C1", "T1", "start", "slash"),
    }
    assert lines[-1].words == "Started #1."


def test_a_refusal_is_a_line(db: Database, new_command: NewCommands) -> None:
    """What was refused at the door stands in the audit, with the reason."""
    commands.admit(db, new_command(), window=None, refused="The rule is missing.")
    (line,) = audit.lines(db)
    assert (line.became, line.words) == ("refused", "The rule is missing.")


def test_every_change_of_a_session_has_its_line(db: Database, add_session: AddSession, now: datetime) -> None:
    """Each change of state is a line with who made it; what changes no state is none."""
    session = add_session(db)
    sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
    sessions.note(db, session.id, now=now, by="U2", event="U2 sent 2 bytes.")
    sessions.move(db, session.id, State.stopping, by="U2", event="A stop was delivered.", now=now)
    assert [(line.was, line.became, line.actor) for line in audit.lines(db, session=session.id)] == [
        (None, "starting", "U1"),
        ("starting", "running", "U1"),
        ("running", "stopping", "U2"),
    ]


def test_a_stop_that_stays_unconfirmed_is_a_line(db: Database, add_session: AddSession, now: datetime) -> None:
    """Each stop that is given up as not confirmed is one line with its words, though the state stays what it was."""
    session = add_session(db)
    sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
    for _ in range(2):
        stops.take(db, session.id, by="U2", reason=None, command=None, request_id="r", now=now)
        stops.give_up(db, session.id, now=now, by="bot", event="It is not confirmed.")
        stops.give_up(db, session.id, now=now, by="bot", event="It is said again.")
    assert [(line.was, line.became, line.actor, line.words) for line in audit.lines(db, session=session.id)[2:]] == [
        ("running", "unconfirmed", "bot", "It is not confirmed."),
    ] * 2


def test_a_record_that_is_closed_is_one_line(db: Database, add_session: AddSession, now: datetime) -> None:
    """Where the state changes with it, that a stop stays unconfirmed is told by that line already."""
    session = add_session(db)
    sessions.move(db, session.id, State.unknown, by="platform", event="Not known.", now=now)
    stops.take(db, session.id, by="U2", reason=None, command=None, request_id="r", now=now)
    stops.close_record(db, session, by="U2", event="Record closed.", now=now)
    assert [line.became for line in audit.lines(db, session=session.id)] == ["starting", "unknown", "abandoned"]


def test_a_change_by_hand_has_its_line_too(db: Database, add_session: AddSession) -> None:
    """The lines are written by the database itself, so that nobody gets around them."""
    session = add_session(db)
    db.execute("update sessions set state = 'failed' where id = ?", [session.id])
    assert [line.became for line in audit.lines(db, session=session.id)] == ["starting", "failed"]


def test_a_change_that_is_undone_has_no_line(db: Database, add_session: AddSession, now: datetime) -> None:
    """A line comes and goes with the commit of what it tells."""
    session = add_session(db)
    db.execute("begin")
    sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
    db.execute("rollback")
    assert [line.became for line in audit.lines(db)] == ["starting"]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "update audit set words = 'nothing happened'",
        "update or replace audit set id = 99",
        "delete from audit",
        "delete from audit where id = 1",
        f"replace {LINE_ONE}",
        f"insert or replace {LINE_ONE}",
        f"insert {LINE_ONE} on conflict (id) do update set words = ''",
    ],
)
def test_a_line_stays_as_it_is(db: Database, add_session: AddSession, statement: str) -> None:
    """No line can be changed, removed or written over, whatever the words of the statement."""
    add_session(db)
    before = audit.lines(db)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    assert audit.lines(db) == before


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "update audit set words = 'nothing happened'",
        "update audit set id = 99",
        "delete from audit",
        "delete from audit where id = 1",
        "truncate audit",
    ],
)
@pytest.mark.parametrize("admin", [False, True])
def test_a_line_stays_on_a_server(statement: str, *, admin: bool) -> None:
    """No line can be changed or removed, neither by the bot's role nor, through a trigger, by a superuser."""
    with fresh_database() as database, connection_to(database) as db:
        audit.note(db, team="T1", channel="C1", actor="U1", became="done", words="what was", now=NOW)
        before = audit.lines(db)
        with (
            database.connect(admin=admin) as other,
            pytest.raises(psycopg.Error, match=r"append-only|permission denied"),
        ):
            other.execute(statement)
        assert audit.lines(db) == before


def test_a_line_stays_for_other_programs_too(tmp_path: Path, now: datetime) -> None:
    """No line is written over through a connection that does not set what ours do: there REPLACE deletes silently."""
    with contextlib.closing(sqlite3.connect(tmp_path / "plain.db", isolation_level=None)) as plain:
        db = Database(plain, recursive_triggers=False)
        migrations.apply(db)
        audit.note(db, team="T1", channel="C1", actor="U1", became="failed", words="what was", now=now)
        before = audit.lines(db)
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            plain.execute(f"replace {LINE_ONE}")
        assert audit.lines(db) == before


def test_a_note_is_for_what_is_neither(db: Database, now: datetime) -> None:
    """What is neither a command nor a session can be noted; half a character in it does no harm."""
    audit.note(db, team="T1", channel="C1", actor="U1", became="failed", words="broken \ud83d", now=now)
    (line,) = audit.lines(db)
    assert (line.subject, line.became, line.words, line.at) == ("note", "failed", "broken ?", now)


def test_a_page_follows_the_time_of_its_lines(db: Database, now: datetime) -> None:
    """Pages go back in time, line by line, also where the clock was set back between two lines."""
    for minutes in (0, 5, 3, 3):
        at = now + timedelta(minutes=minutes)
        audit.note(db, team="T1", channel="C1", actor="U1", became="noted", words="x", now=at)
    before, numbers = None, list[int]()
    while (page := audit.of_channel(db, team="T1", channel="C1", since=now, by="U1", before=before, limit=1)).lines:
        assert (page.total, page.left) == (4, 3 - len(numbers))
        (line,) = page.lines
        before = line.id
        numbers.append(line.id)
    assert numbers == [2, 4, 3, 1]


def test_a_page_counts_no_further_than_it_tells(db: Database, add_session: AddSession, now: datetime) -> None:
    """Of very many lines a page knows that there are more than a thousand, of a channel and of a session."""
    session = add_session(db)
    for _ in range(audit.COUNTED + 20):
        audit.note(db, team="T1", channel="C9", actor="U1", became="noted", words="x", session=session.id, now=now)
    here = audit.of_channel(db, team="T1", channel="C9", since=now, before=10**9, limit=15)
    assert (len(here.lines), here.total, here.left) == (15, audit.COUNTED + 1, audit.COUNTED + 1)
    older = here.lines[0].id
    last = audit.of_session(db, team="T1", session=session.id, since=now, by=["U1"], before=older, limit=15)
    assert (last.total, last.left) == (audit.COUNTED + 1, audit.COUNTED + 1)
    near = audit.of_session(db, team="T1", session=session.id, since=now, before=22, limit=15)
    assert (near.lines[0].id, near.total, near.left) == (21, audit.COUNTED + 1, 20 - 14)
