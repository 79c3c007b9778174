"""The one table of a stop: over every combination of its facts, records and SQL agree, and it says what it said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from sqlite_utils import Database

from bot.cli.terminal._result import _of_stopped
from bot.stops._outcome import is_settled, was_not_sent
from bot.stops._reachable import can_stop
from bot.watch._limits import _is_being_stopped
from bot.watch._unconfirmed import unconfirmed_at
from storage import sessions
from storage.listing import needs_attention
from storage.records import Session, State
from storage.stop import MAY_BE_ASKED, Arrived, StopState, in_sql
from tests.made import a_session, new_session

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)

WITHOUT_URL = {State.starting, State.unknown, State.uncontrolled}


def combinations() -> list[dict[str, Any]]:
    """Return the columns of every combination: of states, and of the facts of a stop, of the URL and of the end."""
    return [
        {
            "state": state,
            "stop_asked_at": NOW if asked else None,
            "stop_arrived": arrived,
            "stop_delivered_at": NOW if arrived in {Arrived.yes, Arrived.perhaps} else None,
            "unconfirmed_at": NOW if given_up else None,
            "secure_url": b"sealed" if has_url else None,
            "end_seen_at": NOW if seen else None,
        }
        for state, asked, arrived, given_up, has_url, seen in product(
            State, (False, True), (None, *Arrived), *[(False, True)] * 3
        )
    ]


def each_session() -> Iterator[Session]:
    """Yield a session of each combination, numbered from 1 on."""
    made = a_session(NOW)
    for number, columns in enumerate(combinations(), 1):
        yield replace(made, id=number, **columns)


EVERY = list(each_session())


def happens(each: Session) -> bool:
    """Whether the product makes this combination: what was brought has moved its session, see `bot.stops`."""
    asked, given_up = each.stop_asked_at is not None, each.unconfirmed_at is not None
    is_closed = each.state is State.abandoned and given_up
    never = (
        not asked and (each.stop_arrived is not None or given_up or each.state is State.unreachable),
        each.state is State.starting and (given_up or each.end_seen_at is not None),
        each.state is State.unreachable and each.stop_arrived is None,  # asked again: not to be told apart of old
        each.state in WITHOUT_URL and each.stop_arrived is not None,
        each.state in WITHOUT_URL and each.state is not State.starting and each.has_url,
        each.stop_arrived is Arrived.nobody and not is_closed and each.state not in {State.unreachable, State.ended},
        each.stop_delivered_at is not None and not is_closed and each.state not in {State.stopping, State.ended},
    )
    return not any(never)


HAPPENS = [each for each in EVERY if happens(each)]
ASKED = [each for each in HAPPENS if each.stop_asked_at is not None]


@pytest.fixture
def every(db: Database) -> Database:
    """Put every combination on record."""
    for each, columns in zip(EVERY, combinations(), strict=True):
        assert sessions.add(db, new_session(), now=NOW).id == each.id
        sessions.quietly(db, each.id, **columns)
    return db


def numbers(db: Database, where: str, *values: object) -> set[int]:
    """Return the sessions of which a condition holds."""
    return {int(row["id"]) for row in db.query(f"select id from sessions where {where}", list(values))}  # noqa: S608 - ours


def test_records_and_sql_agree(every: Database) -> None:
    """Over all combinations the state of a record's stop is the generated column of its row."""
    said = dict(every.execute("select id, stop_state from sessions").fetchall())
    assert said == {each.id: each.stop_state for each in EVERY}
    assert set(said.values()) == set(StopState)


def test_waited_for_is_what_is_not_settled() -> None:
    """A stop is waited for until its session is over or it is given up."""
    for each in ASKED:
        assert each.stop_state.is_waited_for is not is_settled(each), each
        if not each.state.is_over:
            assert each.stop_state.is_waited_for is _is_being_stopped(each), each


def test_not_sent_is_what_was_not_sent() -> None:
    """What was not sent is not sent; of a closed record that is known now, too."""
    for each in ASKED:
        if each.state not in {State.starting, State.abandoned} and not each.state.is_over:
            assert each.stop_state.is_unsent is was_not_sent(each), each


def test_a_button_is_where_it_was() -> None:
    """A button offers a stop where one did, and now also where the last one found nobody: typed it went out already."""
    for each in HAPPENS:
        if each.stop_state is StopState.nobody_there:
            assert not can_stop(each), each
            assert each.is_stop_offered is (each.has_url and each.end_seen_at is None), each
        else:
            assert each.is_stop_offered is can_stop(each), each


def test_the_place_is_free_where_it_was(every: Database) -> None:
    """Another stop takes the place of one that was given up or found nobody; now never in a session that is over."""
    happen = {each.id for each in HAPPENS if not each.state.is_over}
    free = "(stop_asked_at is null or unconfirmed_at is not null or state = 'unreachable')"
    new = numbers(every, f"stop_state in {in_sql(MAY_BE_ASKED)}")
    assert new & happen == numbers(every, free) & happen
    assert new == {each.id for each in EVERY if each.stop_state.may_ask_again}


def test_half_done_is_on_its_way(every: Database) -> None:
    """A half-done stop is one on its way; now also of a record that was closed."""
    old = {each.id for each in sessions.stops_half_done(every)} & {each.id for each in HAPPENS}
    on_its_way = {each.id for each in HAPPENS if each.stop_state is StopState.on_its_way}
    closed = {each.id for each in HAPPENS if each.state is State.abandoned}
    assert old == on_its_way - closed


def test_a_person_is_needed_where_one_was(every: Database) -> None:
    """What is given up needs a person, and is counted, while its session is not over."""
    for each in HAPPENS:
        lost = each.state in {State.unknown, State.uncontrolled, State.unreachable}
        assert needs_attention(each) is (not each.is_over and (each.stop_state.needs_a_person or lost)), each
    counted = [each for each in HAPPENS if not each.is_over and each.stop_state.needs_a_person]
    marks = ", ".join(str(each.id) for each in HAPPENS)
    every.execute(f"update sessions set end_seen_at = created_at where id not in ({marks})")  # noqa: S608 - ours
    assert sessions.count_troubled(every)[0] == len(counted)


def test_a_deadline_is_where_it_was() -> None:
    """A stop has a deadline once it was brought, or cannot be."""
    services: Any = SimpleNamespace(
        clock=SimpleNamespace(at=datetime.timestamp), settings=SimpleNamespace(confirm_seconds=60)
    )
    brought = {StopState.delivered, StopState.perhaps_delivered, StopState.nobody_there}
    for each in HAPPENS:
        hopeless = each.stop_state is StopState.kept and each.state is not State.starting
        assert (unconfirmed_at(each, services) is not None) is (hopeless or each.stop_state in brought), each


def test_an_exit_code_is_what_it_was() -> None:
    """At the terminal a stop that arrived or perhaps did is *not confirmed*, any other *not reached*."""
    for each in ASKED:
        arrived = each.stop_arrived in {Arrived.yes, Arrived.perhaps}
        assert _of_stopped(each) == (0 if each.is_over else 3 if arrived else 5), each
