"""Announcements in the rows of sessions: what they change, and what they never do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from storage import announced, audit, messages, sessions, stops
from storage.announced import Arrival, Beat
from storage.records import OPEN, Origin, Session, State
from storage.stop import Arrived, StopState
from tests.factories import new_session

AddSession = Callable[..., Session]

SAID = {"by": "scenario", "event": "It said so."}


@pytest.fixture
def running(db: Database, add_session: AddSession, now: datetime) -> Session:
    """Record a session that runs, with a number and a URL."""
    added = add_session(db)
    sessions.record_silently(db, added.id, history_id=7, secure_url=b"sealed", application_id=1)
    moved = sessions.move(db, added.id, State.running, by="U1", event="Started.", now=now)
    assert moved is not None
    return moved


def arrival(now: datetime, **values: object) -> Arrival:
    """Return a session that nobody started here."""
    new = new_session(channel="C7", starter="", origin=Origin.elsewhere)
    usual = {"new": new, "history_id": 70, "secure_url": b"sealed", "started_at": now, "heard_at": now, "calls": 1}
    return Arrival(**{**usual, **values})  # type: ignore[arg-type]


def kept(db: Database, session: Session) -> Session:
    """Return the session as it is now."""
    found = sessions.get(db, session.id)
    assert found is not None
    return found


def test_beats_go_forward_only(db: Database, running: Session, add_session: AddSession, now: datetime) -> None:
    """The newest beat stays, in whatever order beats come; nobody's card is repainted for one, nor the audit longer."""
    other, lines = add_session(db), audit.lines(db)
    beats = [Beat(id=running.id, at=now + timedelta(seconds=each), calls=each) for each in (60, 0, 30)]
    later = now + timedelta(seconds=60)
    for beat in beats:
        announced.record_beats(db, [beat, Beat(id=999, at=now, calls=1)], now=later)
    after = kept(db, running)
    assert (after.heard_at, after.calls, after.version) == (later, 60, running.version)
    announced.record_beats(db, [replace(beats[0], calls=2)], now=later)
    assert kept(db, running).calls == 2
    announced.record_beats(db, [beats[1]], now=now)  # the clock was set back: a beat of the future is no newer one
    assert kept(db, running).heard_at == now
    assert kept(db, other).heard_at is None
    assert audit.lines(db) == lines


def test_a_session_that_is_over_says_nothing(db: Database, running: Session, now: datetime) -> None:
    """After the history's last word no beat, no word about a stop and no URL is recorded any more."""
    taken = stops.take(db, running.id, by="U1", reason=None, command=None, request_id="r", now=now)
    assert taken is not None
    sessions.move(db, running.id, State.ended, by="history", event="Ended.", now=now, secure_url=None)
    before = kept(db, running)
    announced.record_beats(db, [Beat(id=running.id, at=now, calls=1)], now=now)
    assert announced.record_taken(db, running.id, "r", **SAID, now=now) is None
    assert announced.record_ending(db, running.id, **SAID, now=now) is None
    assert announced.record_heard_again(db, running.id, **SAID, now=now) is None
    assert announced.record_url(db, running.id, b"other", 7, **SAID, now=now) is None
    assert kept(db, running) == before


@pytest.mark.parametrize("arrived", [None, *Arrived])
@pytest.mark.parametrize("is_given_up", [False, True])
def test_what_was_taken_up_did_arrive(
    db: Database, running: Session, now: datetime, arrived: Arrived | None, *, is_given_up: bool
) -> None:
    """The word about the present stop counts once; a doubtful delivery becomes a delivery, and never an end."""
    asked = stops.take(db, running.id, by="U1", reason=None, command=None, request_id="r", now=now)
    assert asked is not None
    if arrived is not None:
        stops.record_arrival(db, asked, arrived, by="U1", event="Brought.", now=now)
    if is_given_up:
        stops.give_up(db, running.id, by="bot", event="Given up.", now=now)
    assert announced.record_taken(db, running.id, "of another stop", **SAID, now=now) is None
    after = announced.record_taken(db, running.id, "r", **SAID, now=now)
    assert after is not None
    assert after.stop is not None
    assert after.stop.taken_at == now
    assert after.version > asked.version
    under_way = arrived is None and not is_given_up
    wanted = StopState.on_its_way if under_way else StopState.unconfirmed if is_given_up else StopState.delivered
    assert after.stop_state is wanted
    assert after.state is (State.running if under_way else State.stopping)
    assert announced.record_taken(db, running.id, "r", **SAID, now=now) is None


def test_a_closed_record_stays_closed(db: Database, running: Session, now: datetime) -> None:
    """That its scenario took the stop up is kept in a record that a person closed, and does not open it again."""
    asked = stops.take(db, running.id, by="U1", reason=None, command=None, request_id="r", now=now)
    assert asked is not None
    delivered = stops.record_arrival(db, asked, Arrived.perhaps, by="U1", event="Brought.", now=now)
    assert delivered is not None
    stops.close_record(db, delivered, by="U1", event="Closed.", now=now)
    after = announced.record_taken(db, running.id, "r", **SAID, now=now)
    assert after is not None
    assert after.stop is not None
    assert (after.state, after.stop.arrived, after.stop.taken_at) == (State.abandoned, Arrived.yes, now)


def test_a_delivery_in_doubt_that_was_taken_up_before(db: Database, running: Session, now: datetime) -> None:
    """The scenario may be faster than the answer to its stop: a delivery that is then in doubt did arrive."""
    stops.take(db, running.id, by="U1", reason=None, command=None, request_id="r", now=now)
    asked = announced.record_taken(db, running.id, "r", **SAID, now=now)
    assert asked is not None
    after = stops.record_arrival(db, asked, Arrived.perhaps, by="U1", event="No answer.", now=now)
    assert after is not None
    assert after.stop_state is StopState.delivered


def test_silence_is_over_once(db: Database, running: Session, now: datetime) -> None:
    """A session that had fallen silent is heard of again, said once, and so is that it is ending."""
    assert announced.record_heard_again(db, running.id, **SAID, now=now) is None
    sessions.note(db, running.id, by="bot", event="Silent.", now=now, silent_at=now)
    again = announced.record_heard_again(db, running.id, **SAID, now=now)
    assert again is not None
    assert again.silent_at is None
    ending = announced.record_ending(db, running.id, **SAID, now=now)
    assert ending is not None
    assert ending.ending_at == now
    assert announced.record_ending(db, running.id, **SAID, now=now) is None


@pytest.mark.parametrize("state", OPEN)
def test_a_url_comes_back(db: Database, add_session: AddSession, now: datetime, state: State) -> None:
    """A session without a URL gets the one it announces, and runs; a closed record is kept closed, with it."""
    added = add_session(db)
    sessions.record_silently(db, added.id, state=state, history_id=7)
    after = announced.record_url(db, added.id, b"sealed", 7, **SAID, now=now)
    assert after is not None
    assert after.secure_url == b"sealed"
    lost = {State.starting, State.unknown, State.uncontrolled}
    assert after.state is (State.running if state in lost else state)
    assert announced.record_url(db, added.id, b"other", 7, **SAID, now=now) is None
    assert kept(db, added).secure_url == b"sealed"


@pytest.mark.usefixtures("running")
def test_a_number_belongs_to_one_session(db: Database, add_session: AddSession, now: datetime) -> None:
    """Neither a URL nor a session from elsewhere is recorded under a number that another session has."""
    other = add_session(db)
    assert announced.record_url(db, other.id, b"sealed", 7, **SAID, now=now) is None
    assert announced.record_arrival(db, arrival(now, history_id=7), **SAID, with_card=True, now=now) is None
    assert kept(db, other).history_id is None


def test_a_session_from_elsewhere(db: Database, now: datetime) -> None:
    """It runs from its first row on, is nobody's, and is one line of the audit; a card it has only where wanted."""
    quiet = announced.record_arrival(db, arrival(now), **SAID, with_card=False, now=now)
    shown = announced.record_arrival(db, arrival(now, history_id=71), **SAID, with_card=True, now=now)
    homeless = arrival(now, history_id=72, new=new_session(channel="", starter="", origin=Origin.elsewhere))
    lost = announced.record_arrival(db, homeless, **SAID, with_card=True, now=now)
    assert quiet is not None
    assert shown is not None
    assert lost is not None
    assert (quiet.state, quiet.starter, quiet.origin) == (State.running, "", Origin.elsewhere)
    assert [messages.card_of(db, each.id) is not None for each in (quiet, shown, lost)] == [False, True, False]
    assert list(db.query("select session, actor, was, became from audit where session = ?", [quiet.id])) == [
        {"session": quiet.id, "actor": "scenario", "was": None, "became": "running"}
    ]


def test_a_home_is_found_once(db: Database, add_session: AddSession, now: datetime) -> None:
    """A session without a channel settles in the first one where it is acted on, and stays there."""
    lost = add_session(db, channel="", starter="", channel_private=True)
    settled = announced.settle_in(db, lost.id, channel="C5", private=False, shared=False)
    assert settled is not None
    assert (settled.channel, settled.channel_private) == ("C5", False)
    assert announced.settle_in(db, lost.id, channel="C6", private=False, shared=False) is None
    assert kept(db, lost).channel == "C5"
    assert messages.add_reply(db, lost.id, "C5", {"text": "hello"}, command=None, now=now) is not None


def test_sessions_that_an_announcement_could_be_of(db: Database, running: Session, add_session: AddSession) -> None:
    """They are open, and their number is not known; those whose number is are found by it."""
    waiting, lost = add_session(db), add_session(db)
    sessions.record_silently(db, lost.id, state=State.failed)
    assert [each.id for each in announced.without_number(db)] == [waiting.id]
    (standing,) = announced.standings(db, [7, 8])
    assert (standing.id, standing.history_id, standing.has_url, standing.awaits_word) == (running.id, 7, True, None)
