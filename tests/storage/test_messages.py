from collections.abc import Callable
from datetime import datetime

import pytest
from sqlite_utils import Database

from storage import commands, messages, outbox, sessions, stops
from storage.command import NewCommand
from storage.records import Session, State

AddSession = Callable[..., Session]


def test_a_card_follows_its_session(db: Database, add_session: AddSession, now: datetime) -> None:
    """Whatever changes in a session makes its card due again, in the same commit, by the database itself."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    assert not outbox.due(db)
    moved = sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
    (due,) = outbox.due(db)
    assert moved is not None
    assert (due.id, due.wanted) == (card.id, moved.version)


def test_a_message_stands_where_it_was_recorded_first(db: Database, add_session: AddSession, now: datetime) -> None:
    """A second post of a message, by another process, is not recorded; a new version of the first one is."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    assert messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    assert not messages.posted(db, card.id, channel="C2", ts="2.0", shown=card.wanted)
    assert messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted, was=card.wanted)
    assert messages.posted(db, card.id, channel="C1", ts=None, shown=card.wanted, was=card.wanted)
    found = messages.get(db, card.id)
    assert found is not None
    assert (found.channel, found.ts) == ("C1", "1.0")


def test_a_session_has_one_card(db: Database, add_session: AddSession, now: datetime) -> None:
    """A second card of the same session is refused."""
    session = add_session(db)
    messages.add_card(db, session.id, "C1", now=now)
    with pytest.raises(Exception, match=r"(?i)unique"):
        messages.add_card(db, session.id, "C1", now=now)


def test_a_reply_waits_for_its_card(db: Database, add_session: AddSession, now: datetime) -> None:
    """A reply is due once its card stands in the channel, and carries the thread it belongs to."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    reply = messages.add_reply(db, session.id, "C1", {"text": "hello"}, command=None, now=now)
    assert [message.id for message in outbox.due(db)] == [card.id]
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    assert [(message.id, message.thread_ts) for message in outbox.due(db)] == [(reply.id, "1.0")]


def test_a_reply_calls_for_a_card(db: Database, add_session: AddSession, now: datetime) -> None:
    """The first reply about a session without a card brings one, which is posted before it; the second does not."""
    session = add_session(db)
    first = messages.add_reply(db, session.id, "C1", {"text": "first"}, command=None, now=now)
    second = messages.add_reply(db, session.id, "C1", {"text": "second"}, command=None, now=now)
    card = messages.card_of(db, session.id)
    assert first is not None
    assert second is not None
    assert card is not None
    assert [message.id for message in outbox.due(db)] == [card.id]
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    assert [message.id for message in outbox.due(db)] == [first.id, second.id]


def test_no_message_goes_to_no_channel(db: Database, add_session: AddSession, now: datetime) -> None:
    """A session without a home has no thread: no reply is recorded; and nothing else may be meant for no channel."""
    session = add_session(db, channel="", starter="")
    assert messages.add_reply(db, session.id, session.channel, {"text": "hello"}, command=None, now=now) is None
    with pytest.raises(AssertionError, match=f"session {session.id} has no channel"):
        messages.add_card(db, session.id, session.channel, now=now)
    with pytest.raises(AssertionError, match="no channel"):
        messages.add_summary(db, "", {"text": "hello"}, command=None, now=now)
    assert messages.repaint(db, session.id) == []
    assert outbox.due(db) == []


def test_the_order_of_what_is_due(db: Database, add_session: AddSession, now: datetime) -> None:
    """New cards go before replies if a start waits; updates go last, running before over and the newest first."""
    made = []
    for state in (State.running, State.failed, State.running):
        session = add_session(db)
        card = messages.add_card(db, session.id, "C1", now=now)
        messages.posted(db, card.id, channel="C1", ts=f"{card.id}.0", shown=card.wanted)
        sessions.move(db, session.id, state, by="U1", event="Changed.", now=now)
        made.append((session, card))
    reply = messages.add_reply(db, made[0][0].id, "C1", {"text": "hello"}, command=None, now=now)
    new = messages.add_card(db, add_session(db).id, "C1", now=now)
    (_, oldest), (_, over), (_, newest) = made
    assert [message.id for message in outbox.due(db)] == [new.id, reply.id, newest.id, oldest.id, over.id]
    assert outbox.count_due(db) == 5


def test_a_card_that_says_starting_is_updated_before_the_others(
    db: Database, add_session: AddSession, now: datetime
) -> None:
    """The first news of a session goes before the further ones of newer sessions."""
    first, further = (add_session(db) for _ in range(2))
    for session in (first, further):
        card = messages.add_card(db, session.id, "C1", now=now)
        messages.posted(db, card.id, channel="C1", ts=f"{card.id}.0", shown=card.wanted)
        sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
    messages.posted(db, card.id, channel="C1", ts=f"{card.id}.0", shown=card.wanted + 1)
    sessions.move(db, further.id, State.ended, by="U1", event="Ended.", now=now)
    due = {message.session: message.urgency for message in outbox.due(db)}
    assert due == {first.id: outbox.Urgency.started, further.id: outbox.Urgency.repaint}
    assert list(due) == [first.id, further.id]


def test_new_cards_are_posted_in_the_order_of_their_starts(
    db: Database, add_session: AddSession, now: datetime
) -> None:
    """A start waits for its card: the first that was typed gets it first, before what nobody waits for."""
    reposted, failed, *starting = (add_session(db) for _ in range(5))
    for session in (reposted, failed, *starting):
        messages.add_card(db, session.id, "C1", now=now)
    sessions.move(db, reposted.id, State.running, by="U1", event="Started.", now=now)
    sessions.move(db, failed.id, State.failed, by="U1", event="Not started.", now=now)
    expected = [*starting, reposted, failed]
    assert [message.session for message in outbox.due(db)] == [session.id for session in expected]


def test_what_is_shown_never_goes_back(db: Database, add_session: AddSession, now: datetime) -> None:
    """An answer that comes late does not make an older version count as the one that is shown."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=5)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=3)
    found = messages.get(db, card.id)
    assert found is not None
    assert found.shown == 5


def test_what_is_wanted_anew_on_its_way_is_shown_once_more(
    db: Database, add_session: AddSession, now: datetime
) -> None:
    """A card that somebody asks for while it is being shown is due again after that; a second time is enough."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    sessions.note(db, session.id, now=now, by="U1", event="Changed.")
    (on_its_way,) = outbox.due(db)
    messages.repaint(db, session.id)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=on_its_way.wanted, was=on_its_way.shown)
    (due,) = outbox.due(db)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=due.wanted, was=due.shown)
    assert not outbox.due(db)


def test_what_slack_refused_is_not_tried_again(db: Database, add_session: AddSession, now: datetime) -> None:
    """A message with Slack's final word is due no more, and replies of a card that cannot be are given up."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    reply = messages.add_reply(db, session.id, "C1", {"text": "hello"}, command=None, now=now)
    messages.given_up(db, card, "channel_not_found")
    messages.give_up_replies(db, session.id, "no card")
    assert not outbox.due(db)
    assert outbox.count_due(db) == 0
    found = messages.get(db, reply.id)
    assert found is not None
    assert found.error == "no card"


def test_what_is_wanted_while_an_older_version_is_given_up_stays_due(
    db: Database, add_session: AddSession, now: datetime
) -> None:
    """Only the version that was refused is given up: what the session has become meanwhile is shown."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    sessions.note(db, session.id, now=now, by="U1", event="Something.")
    (refused,) = outbox.due(db)
    sessions.note(db, session.id, now=now, by="U1", event="Something else.")
    messages.given_up(db, refused, "is_archived")
    (due,) = outbox.due(db)
    assert due.wanted > refused.wanted
    messages.given_up(db, due, "is_archived")
    assert not outbox.due(db)


def test_a_deleted_card_is_posted_anew(db: Database, add_session: AddSession, now: datetime) -> None:
    """A card that somebody deleted is wanted again, as a new message."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    messages.post_anew(db, card.id)
    (due,) = outbox.due(db)
    assert (due.id, due.ts) == (card.id, None)


def test_the_reply_to_a_command_can_be_amended(
    db: Database, add_session: AddSession, new_command: Callable[..., NewCommand], now: datetime
) -> None:
    """A command's reply is found by command and session; other words in it make it due again."""
    session = add_session(db)
    command = commands.admit(db, new_command(), window=None).command
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=card.wanted)
    reply = messages.add_reply(db, session.id, "C1", {"text": "asked"}, command=command.id, now=now)
    messages.posted(db, reply.id, channel="C1", ts="2.0", shown=reply.wanted)
    assert messages.reply_of(db, command.id, session.id) is not None
    messages.amend(db, reply.id, {"text": "asked, and confirmed"})
    (due,) = outbox.due(db)
    assert (due.ts, due.body) == ("2.0", {"text": "asked, and confirmed"})


def test_buttons_under_replies_follow_what_they_depend_on(db: Database, add_session: AddSession, now: datetime) -> None:
    """A reply with its session's buttons is due again when these change, and at nothing else; others never are."""
    session = add_session(db)
    card = messages.add_card(db, session.id, "C1", now=now)
    messages.posted(db, card.id, channel="C1", ts="1.0", shown=99)
    replies = [
        messages.add_reply(db, session.id, "C1", {"text": "late", "buttons": buttons}, command=None, now=now)
        for buttons in (True, False)
    ]
    direct = messages.add_reply(db, session.id, "C1", {"text": "late"}, command=None, now=now)
    messages.add_direct(db, direct, "U1", {"text": "late", "place": "C1", "buttons": True}, now=now)

    def due() -> list[tuple[int | None, bool]]:
        found = [(message.direct_of, message.id == replies[0].id) for message in outbox.due(db)]
        for message in outbox.due(db):
            messages.posted(db, message.id, channel="C1", ts=f"{message.id}.0", shown=message.wanted)
        return found

    due()
    with_buttons = [(None, True), (direct.id, False)]
    sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now, secure_url=b"sealed")
    assert due() == with_buttons
    sessions.note(db, session.id, now=now, by="U1", event="Sent.")
    assert due() == []
    stops.take(db, session.id, by="U1", reason=None, command=None, request_id="r", now=now)
    assert due() == with_buttons
    stops.give_up(db, session.id, now=now, by="bot", event="Not confirmed.")
    assert due() == with_buttons
    stops.take(db, session.id, by="U1", reason=None, command=None, request_id="s", now=now)
    assert due() == with_buttons
    sessions.move(db, session.id, State.ended, by="history", event="Over.", now=now, secure_url=None)
    assert due() == with_buttons
