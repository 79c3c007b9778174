from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from storage import commands
from storage.command import CommandState, NewCommand
from storage.records import Session

NewCommands = Callable[..., NewCommand]
AddSession = Callable[..., Session]
WINDOW = timedelta(seconds=30)


def test_a_key_is_admitted_once(db: Database, new_command: NewCommands) -> None:
    """A second delivery of the same key gives the first command and adds nothing."""
    first = commands.admit(db, new_command(), window=None)
    again = commands.admit(db, new_command(intent=None), window=None)
    assert first.fresh
    assert not again.fresh
    assert again.command == first.command
    assert [row["id"] for row in db.query("select id from commands")] == [first.command.id]


def test_the_same_intent_within_the_window_is_refused(db: Database, new_command: NewCommands, now: datetime) -> None:
    """The same person, channel and words within the window are one intent; after it they are another."""
    first = commands.admit(db, new_command("slash:2"), window=WINDOW).command
    commands.finish(db, first.id, CommandState.done, "Started #1.", now=now)
    soon = commands.admit(db, new_command("slash:1", at=now + timedelta(seconds=29)), window=WINDOW)
    later = commands.admit(db, new_command("slash:3", at=now + timedelta(seconds=30)), window=WINDOW)
    assert soon.twin is not None
    assert soon.twin.id == first.id
    assert soon.command.state is CommandState.refused
    assert later.twin is None


@pytest.mark.parametrize("called", [False, True])
def test_what_is_still_being_done_stands_in_the_way(
    db: Database,
    new_command: NewCommands,
    now: datetime,
    called: bool,  # noqa: FBT001 - both columns of a table
) -> None:
    """However long a command takes, its words are no new intent before it has its outcome."""
    first = commands.admit(db, new_command("slash:1"), window=WINDOW).command
    if called:
        commands.mark_calling(db, first.id, now=now)
    later = commands.admit(db, new_command("slash:2", at=now + timedelta(hours=1)), window=WINDOW)
    assert later.twin is not None
    assert later.twin.id == first.id


def test_the_window_begins_with_the_outcome(db: Database, new_command: NewCommands, now: datetime) -> None:
    """Who was kept waiting may have pressed again before the answer: it is the answer that opens the window."""
    answered = now + timedelta(seconds=40)
    first = commands.admit(db, new_command("slash:1"), window=WINDOW).command
    commands.finish(db, first.id, CommandState.done, "Started #1.", now=answered)
    soon = commands.admit(db, new_command("slash:2", at=answered + timedelta(seconds=29)), window=WINDOW)
    later = commands.admit(db, new_command("slash:3", at=answered + timedelta(seconds=30)), window=WINDOW)
    assert soon.twin is not None
    assert later.twin is None


@pytest.mark.parametrize("other", [{"actor": "U2"}, {"channel": "C2"}, {"digest": "other"}])
def test_another_intent_is_not_a_twin(db: Database, new_command: NewCommands, other: dict[str, str]) -> None:
    """Another person, channel or wording is another intent."""
    commands.admit(db, new_command("slash:1"), window=WINDOW)
    assert commands.admit(db, new_command("slash:2", **other), window=WINDOW).twin is None


@pytest.mark.parametrize("state", [CommandState.failed, CommandState.refused, CommandState.denied])
def test_what_did_not_come_about_may_be_tried_again(
    db: Database, new_command: NewCommands, now: datetime, state: CommandState
) -> None:
    """A command that failed, was refused or denied does not stand in the way of the next."""
    first = commands.admit(db, new_command("slash:1"), window=WINDOW).command
    commands.finish(db, first.id, state, "Not done.", now=now)
    assert commands.admit(db, new_command("slash:2"), window=WINDOW).twin is None


def test_a_start_of_unknown_outcome_stands_in_the_way(db: Database, new_command: NewCommands, now: datetime) -> None:
    """What may have been done counts as done: pressing again does not start a second call."""
    first = commands.admit(db, new_command("slash:1"), window=WINDOW).command
    commands.finish(db, first.id, CommandState.unknown, "Not known.", now=now)
    assert commands.admit(db, new_command("slash:2"), window=WINDOW).twin is not None


def test_an_outcome_is_final(db: Database, new_command: NewCommands, now: datetime) -> None:
    """The first outcome stays; calling does not bring a finished command back."""
    command = commands.admit(db, new_command(), window=None).command
    assert commands.finish(db, command.id, CommandState.done, "Done.", now=now)
    assert not commands.finish(db, command.id, CommandState.failed, "No.", now=now)
    commands.mark_calling(db, command.id, now=now)
    found = commands.get(db, command.id)
    assert found is not None
    assert (found.state, found.outcome) == (CommandState.done, "Done.")
    assert not commands.unfinished(db)


def test_what_is_left_to_do_is_found(db: Database, new_command: NewCommands, now: datetime) -> None:
    """The recovery list is what was accepted or is calling, oldest first."""
    states = {}
    for state in CommandState:
        command = commands.admit(db, new_command(f"slash:{state}"), window=None).command
        states[state] = command.id
        if state is CommandState.calling:
            commands.mark_calling(db, command.id, now=now)
        elif state.is_final:
            commands.finish(db, command.id, state, "", now=now)
    assert [command.id for command in commands.unfinished(db)] == [states["accepted"], states["calling"]]


def test_only_a_stop_keeps_its_intent(db: Database, new_command: NewCommands) -> None:
    """The intent of a stop is kept, for it may have to be done again; half a character in them does no harm."""
    stop = commands.admit(db, new_command(verb="stop", intent="stop 7 broken \ud83d"), window=None).command
    assert stop.intent == "stop 7 broken ?"
    with pytest.raises(Exception, match=r"(?i)check constraint"):
        commands.admit(db, new_command("slash:2", verb="send", intent='send 7 {"pin": 1234}'), window=None)


def test_who_was_seen(db: Database, new_command: NewCommands, now: datetime) -> None:
    """Only somebody whose command was carried out counts as seen."""
    command = commands.admit(db, new_command(), window=None).command
    assert not commands.was_seen(db, "U1", "T1")
    commands.finish(db, command.id, CommandState.done, "Done.", now=now)
    assert commands.was_seen(db, "U1", "T1")
    assert not commands.was_seen(db, "U1", "T2")


def test_the_newest_commands_of_a_session(db: Database, new_command: NewCommands, add_session: AddSession) -> None:
    """A session's commands come newest first, as many as asked for."""
    session = add_session(db)
    ids = [commands.admit(db, new_command(f"slash:{n}"), window=None).command.id for n in range(3)]
    for each in ids:
        commands.set_session(db, each, session.id)
    assert [command.id for command in commands.of_session(db, session.id, limit=2)] == [ids[2], ids[1]]
