"""The one table of a stop: over every combination of its facts records and SQL agree, and what follows is spelled."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from sqlite_utils import Database

from storage import announced, sessions, stops
from storage.listing import needs_attention
from storage.records import Session, State, StopRefusal
from storage.stop import NEXT, Arrived, StopState
from tests.factories import a_session, a_stop, new_session

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)

FOLLOWS = {
    StopState.not_asked: {"may_ask_again", "is_unsent"},
    StopState.kept: {"is_waited_for", "is_unsent"},
    StopState.on_its_way: {"is_waited_for"},
    StopState.delivered: {"is_waited_for"},
    StopState.perhaps_delivered: {"is_waited_for"},
    StopState.nobody_there: {"is_waited_for", "may_ask_again"},
    StopState.not_sent: {"needs_a_person", "has_outcome", "may_ask_again", "is_unsent"},
    StopState.unconfirmed: {"needs_a_person", "has_outcome", "may_ask_again"},
    StopState.settled: {"has_outcome"},
}
"""What follows from each state of a stop; nothing else does."""

COMBINATIONS: list[dict[str, Any]] = [
    {
        "state": state,
        "stop": a_stop(NOW, arrived=arrived, given_up_at=NOW if given_up else None) if asked else None,
        "secure_url": b"sealed" if has_url else None,
        "end_seen_at": NOW if seen else None,
    }
    for state, asked, arrived, given_up, has_url, seen in product(
        State, (False, True), (None, *Arrived), *[(False, True)] * 3
    )
]
"""Every state of a session, and in each all that can be known of a stop, of the URL, and of the end."""

STARTING = a_session(NOW)
EVERY = [replace(STARTING, id=number, **columns) for number, columns in enumerate(COMBINATIONS, 1)]


Step = Callable[[Database, Session], object]


def put(db: Database, session: Session) -> Session:
    """Put a copy of this session on record, whatever its state."""
    added = sessions.add(db, new_session(), now=NOW)
    facts = {} if session.stop is None else {f"stop_{name}": value for name, value in vars(session.stop).items()}
    columns = {name: getattr(session, name) for name in ("state", "secure_url", "end_seen_at")}
    sessions.record_silently(db, added.id, **columns, **facts)
    found = sessions.get(db, added.id)
    assert found is not None
    return found


@pytest.fixture
def every(db: Database) -> Database:
    """Put every combination on record."""
    for each in EVERY:
        assert put(db, each).id == each.id
    return db


def ids(found: Iterable[Session]) -> set[int]:
    """Return which sessions these are."""
    return {each.id for each in found}


def test_records_and_sql_agree(every: Database) -> None:
    """Over all combinations the state of a record's stop is the generated column of its row."""
    said = dict(every.execute("select id, stop_state from sessions").fetchall())
    assert said == {each.id: each.stop_state for each in EVERY}
    assert set(said.values()) == set(StopState)


@pytest.mark.parametrize("state", StopState)
def test_what_follows_from_each_state(state: StopState) -> None:
    """Each state has the consequences that are spelled out for it, and no others."""
    asked = {"may_ask_again", "is_waited_for", "needs_a_person", "is_unsent", "has_outcome"}
    assert {each for each in asked if getattr(state, each)} == FOLLOWS[state]


def brought(arrived: Arrived) -> Step:
    """Return the step of a stop that is brought, also of one that was not sent and whose URL came late."""

    def step(db: Database, each: Session) -> None:
        if each.has_url and each.stop is not None and each.stop.arrived is None and not each.state.is_final:
            stops.record_arrival(db, each, arrived, by="U1", event="Brought.", now=NOW)

    return step


def moved(to: State, **columns: Any) -> Step:
    """Return the step of a session that comes into another state, where it may."""
    return lambda db, each: sessions.move(db, each.id, to, by="platform", event="Changed.", now=NOW, **columns)


def asked(db: Database, each: Session) -> None:
    """Ask it to stop."""
    if each.is_within_reach:
        stops.take(db, each.id, by="U1", reason=None, command=None, request_id="r", now=NOW)


def given_up(db: Database, each: Session) -> None:
    """Record its stop as given up: it could not be sent, no URL came for it, or the end was not confirmed in time."""
    if each.stop_state.is_waited_for and each.state is not State.starting:
        stops.give_up(db, each.id, by="bot", event="Given up.", now=NOW)


def closed(db: Database, each: Session) -> None:
    """Close its record."""
    if each.is_closable:
        stops.close_record(db, each, by="U1", event="Closed.", now=NOW)


def taken(db: Database, each: Session) -> None:
    """Record that its scenario took the stop up, of which nobody learns before the stop has a way to it."""
    if each.has_url:
        announced.record_taken(db, each.id, "r", by="scenario", event="Taken.", now=NOW)


STEPS: list[Step] = [
    moved(State.running, secure_url=b"sealed"),
    moved(State.unknown),
    moved(State.uncontrolled),
    moved(State.failed),
    moved(State.ended, secure_url=None),
    asked,
    *map(brought, Arrived),
    taken,
    given_up,
    closed,
]


def test_a_stop_goes_the_ways_that_are_drawn(db: Database) -> None:
    """From a new session on, any steps lead through the transitions of the table, and through all of them."""
    new = sessions.add(db, new_session(), now=NOW)
    seen, left, ways = set[Any](), [new], set[tuple[StopState, StopState]]()
    while left:
        each = left.pop()
        for step in STEPS:
            before = put(db, each)
            step(db, before)
            after = sessions.get(db, before.id)
            assert after is not None
            assert after.stop is None or after.stop.may_have_arrived is (after.stop.delivered_at is not None)
            if after.stop_state is not before.stop_state:
                ways.add((before.stop_state, after.stop_state))
            if (key := (after.state, after.stop_state, after.has_url)) not in seen:
                seen.add(key)
                left.append(after)
    assert ways == {(state, later) for state, follow in NEXT.items() for later in follow}


REFUSED = {
    State.starting: (None, None),
    State.running: (StopRefusal.out_of_reach, None),
    State.stopping: (StopRefusal.out_of_reach, None),
    State.unreachable: (StopRefusal.out_of_reach, None),
    State.unknown: (StopRefusal.out_of_reach, None),
    State.uncontrolled: (StopRefusal.out_of_reach, None),
    State.abandoned: (StopRefusal.out_of_reach, None),
    State.ended: (StopRefusal.over, StopRefusal.over),
    State.failed: (StopRefusal.over, StopRefusal.over),
}
"""The refusal of a first stop in each state: without a URL, and with one. No reading of the history is in it."""


def test_where_a_session_may_be_stopped(every: Database) -> None:
    """A stop is refused by state, URL and the earlier stop, never by a first reading; that one hides the button."""
    for each in EVERY:
        free = each.stop_state in {
            StopState.not_asked,
            StopState.nobody_there,
            StopState.not_sent,
            StopState.unconfirmed,
        }
        refusal = REFUSED[each.state][each.has_url] or (None if free else StopRefusal.under_way)
        assert each.stop_refusal is refusal, each
        in_doubt = each.stop_state in {StopState.not_sent, StopState.unconfirmed}
        assert each.needs_no_stop is (refusal is StopRefusal.over or (each.end_seen_at is not None and not in_doubt))
        assert each.is_stop_offered is (refusal is None and not each.needs_no_stop), each
        asked: dict[str, Any] = {"by": "U1", "reason": None, "command": None, "request_id": "r", "now": NOW}
        assert (stops.take(every, each.id, **asked) is not None) is free, each


def test_a_stop_that_went_out_is_recorded_late(every: Database) -> None:
    """What went out before it could be recorded has its place also where the session has ended since."""
    for each in EVERY:
        asked: dict[str, Any] = {"by": "U1", "reason": None, "command": None, "request_id": "r", "now": NOW}
        free = each.stop is None or each.stop.given_up_at is not None or each.stop_state.may_ask_again
        assert (stops.take(every, each.id, **asked, is_late=True) is not None) is free, each


def test_half_done_is_on_its_way(every: Database) -> None:
    """What a process that ended left half done are the stops on their way."""
    found = ids(stops.on_their_way(every))
    assert found == ids(each for each in EVERY if each.stop_state is StopState.on_its_way)


def test_what_needs_a_person_is_listed_and_counted(every: Database) -> None:
    """A stop that was given up needs attention, and is counted, while its session is not over."""
    lost = {State.unknown, State.uncontrolled, State.unreachable}
    given_up = ids(each for each in EVERY if not each.seems_over and each.stop_state.needs_a_person)
    for each in EVERY:
        assert needs_attention(each) is (each.id in given_up or (not each.seems_over and each.state in lost)), each
    assert sessions.count_troubled(every)[0] == len(given_up)
