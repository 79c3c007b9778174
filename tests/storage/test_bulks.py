from collections.abc import Callable
from datetime import datetime

import pytest
from sqlite_utils import Database

from storage import alarms, bulks, commands, history, messages, outbox, sessions, stops
from storage.bulks import Bulk
from storage.command import NewCommand
from storage.records import Session, State

AddSession = Callable[..., Session]


@pytest.fixture
def found(db: Database, add_session: AddSession, now: datetime) -> list[Session]:
    """Return as many running sessions as one summary speaks for, with their cards."""
    made = []
    for _ in range(21):
        session = add_session(db)
        card = messages.add_card(db, session.id, "C1", now=now)
        messages.posted(db, card.id, channel="C1", ts=f"{card.id}.0", shown=card.wanted)
        sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
        shown = messages.get(db, card.id)
        assert shown is not None
        messages.posted(db, card.id, channel="C1", ts=f"{card.id}.0", shown=shown.wanted)
        made.append(session)
    return made


@pytest.fixture
def bulk(db: Database, found: list[Session], new_command: Callable[..., NewCommand], now: datetime) -> Bulk:
    """Return a bulk stop of them, with its summary posted."""
    command = commands.admit(db, new_command(verb="stop"), window=None).command
    made = bulks.begin(db, command.id, found, channel="C1", actor="U1", reason="why", now=now)
    messages.posted(db, made.summary, channel="C1", ts="9.0", shown=1)
    return made


def test_a_command_begins_one_bulk(db: Database, bulk: Bulk, found: list[Session], now: datetime) -> None:
    """A command that is taken up again finds the list and the summary that it has begun."""
    again = bulks.begin(db, bulk.command, found[:1], channel="C1", actor="U1", reason=None, now=now)
    assert again == bulk
    assert [part.session.id for part in bulks.parts(db, bulk)] == [each.id for each in found]


def test_what_had_ended_is_skipped(
    db: Database, found: list[Session], new_command: Callable[..., NewCommand], now: datetime
) -> None:
    """What is over when the list is recorded is in it as skipped."""
    ending = history.Ending(finish_reason="Normal termination", ended_at=None, duration_s=1.0, cost=None, currency=None)
    history.settle_end(db, found[1].id, ending, event="Ended.", now=now)
    command = commands.admit(db, new_command(verb="stop"), window=None).command
    made = bulks.begin(db, command.id, found, channel="C1", actor="U1", reason=None, now=now)
    assert [part.skipped for part in bulks.parts(db, made)][:3] == [False, True, False]


def test_cards_wait_while_the_summary_speaks(db: Database, bulk: Bulk, found: list[Session], now: datetime) -> None:
    """A card of the list is due when its outcome is known, or when the whole list was told."""
    for session in found:
        assert stops.take(db, session.id, by="U1", reason=None, command=None, request_id="r", now=now)
    assert not outbox.due(db)
    stops.give_up(db, found[0].id, now=now, by="bot", event="Not confirmed.")
    bulks.mark_not_asked(db, bulk, found[1].id, "no URL")
    assert {message.session for message in outbox.due(db)} == {found[0].id, found[1].id}
    bulks.mark_told(db, bulk, now=now)
    assert len(outbox.due(db)) == len(found)


def test_the_cards_of_twenty_follow(
    db: Database, found: list[Session], new_command: Callable[..., NewCommand], now: datetime
) -> None:
    """While a stop of up to twenty is under way their cards show each step of it."""
    command = commands.admit(db, new_command(verb="stop"), window=None).command
    made = bulks.begin(db, command.id, found[:20], channel="C1", actor="U1", reason=None, now=now)
    messages.posted(db, made.summary, channel="C1", ts="9.0", shown=1)
    sessions.note(db, found[0].id, now=now, by="U1", event="A stop was asked for.")
    assert [message.session for message in outbox.due(db)] == [found[0].id]


def test_a_later_stop_does_not_reopen_a_list(db: Database, bulk: Bulk, found: list[Session], now: datetime) -> None:
    """What one stop of several gave up stays given up for it when another stop of that session is asked for."""
    for session in found:
        asked = {"by": "U1", "reason": None, "request_id": "r", "now": now}
        assert stops.take(db, session.id, command=bulk.command, **asked)
        stops.give_up(db, session.id, now=now, by="bot", event="Not confirmed.")
    for came_of_it in (stops.take(db, found[0].id, command=None, **asked), sessions.get(db, found[0].id)):
        assert came_of_it is not None
        assert came_of_it.stop is not None
        assert came_of_it.stop.given_up_at is None
    first, *_ = parts = bulks.parts(db, bulk)
    assert all(part.is_settled for part in parts)
    assert first.given_up_at == now


def test_what_was_not_confirmed_before_is_waited_for(
    db: Database, found: list[Session], new_command: Callable[..., NewCommand], now: datetime
) -> None:
    """A list of sessions that an earlier stop did not end is open until its own stop of each came to something."""
    for session in found:
        stops.give_up(db, session.id, now=now, by="bot", event="Not confirmed.")
    command = commands.admit(db, new_command(verb="stop"), window=None).command
    made = bulks.begin(db, command.id, found, channel="C1", actor="U1", reason=None, now=now)
    assert not any(part.is_settled for part in bulks.parts(db, made))


def test_what_a_person_asks_to_see_is_not_held_back(
    db: Database, bulk: Bulk, found: list[Session], now: datetime
) -> None:
    """While a bulk stop is under way a card that somebody asked for is due, once, and then what is new on it."""

    def due() -> list[int | None]:
        return [message.session for message in outbox.due(db)]

    first, second, *_ = found
    (card_id,) = messages.repaint(db, first.id)
    (card,) = outbox.due(db)
    assert (card.id, card.session) == (card_id, first.id)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted, was=card.shown)
    assert due() == []
    messages.release_card(db, first.id)
    assert due() == [first.id]  # as of now, also where nothing else is new
    (card,) = outbox.due(db)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted, was=card.shown)
    for session in found:
        sessions.note(db, session.id, now=now, by="history", event="It may have ended.")
    assert due() == []
    messages.release_card(db, second.id)
    assert due() == [second.id]
    assert bulk.told_at is None


def test_a_summary_changes_only_when_it_says_something_else(db: Database, bulk: Bulk) -> None:
    """The same words make no new version; other words are due, before cards and replies."""
    bulks.set_summary(db, bulk, "two")
    bulks.set_summary(db, bulk, "two")
    (due,) = outbox.due(db)
    assert (due.id, due.session, due.wanted) == (bulk.summary, None, 2)


def test_a_reply_under_a_summary_has_its_thread(db: Database, bulk: Bulk, now: datetime) -> None:
    """What stands under a summary waits for its ts and carries it."""
    summary = messages.get(db, bulk.summary)
    assert summary is not None
    under = messages.add_under(db, summary, {"text": "the list"}, now=now)
    assert [(each.id, each.thread_ts) for each in outbox.due(db)] == [(under.id, "9.0")]


def test_a_bulk_is_closed_once_and_for_all(db: Database, bulk: Bulk, now: datetime) -> None:
    """A closed bulk stop is looked at no more."""
    assert bulks.unclosed(db) == [bulk]
    bulks.close(db, bulk, now=now)
    assert not bulks.unclosed(db)


def test_alarms_are_counted_by_channel_and_time(db: Database, found: list[Session], bulk: Bulk, now: datetime) -> None:
    """Only a channel's own recent alarms count, and a message among them that gathers lines is found.

    What a clock that was set back has put into the future is not recent: an edit of such a message notifies nobody.
    """
    reply = messages.add_reply(db, found[0].id, "C1", {"text": "ended"}, command=None, now=now)
    before = now.replace(minute=now.minute - 1)
    alarms.add(db, "C1", found[0].id, reply.id, now=now)
    alarms.add(db, "C1", found[1].id, reply.id, now=before)
    alarms.add(db, "C2", found[2].id, reply.id, now=now)
    later = now.replace(hour=now.hour + 2)
    alarms.add(db, "C1", found[1].id, bulk.summary, now=later, line="later")
    assert [alarms.has_many(db, "C1", count, before, now) for count in (1, 2)] == [True, False]
    assert alarms.newest_group(db, "C1", before, now) is None
    alarms.add(db, "C1", found[1].id, bulk.summary, now=now)
    assert alarms.newest_group(db, "C1", before, now) is None
    alarms.add(db, "C1", found[2].id, bulk.summary, now=now, line="many")
    assert alarms.newest_group(db, "C1", before, now) == bulk.summary
