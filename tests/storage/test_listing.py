"""The order of a list, and that SQL and the record agree on what needs attention."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlite_utils import Database

from storage import sessions, stops
from storage.announcements import Announcements, keep
from storage.listing import ListFilter, listed, needs_attention, oldest, rules_of
from storage.records import Origin, State
from tests.factories import new_database, new_session

NOW = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
MOMENTS = ("stop_given_up_at", "expect_told_at", "over_max_at", "silent_at", "end_seen_at")


@pytest.fixture
def db() -> Iterator[Database]:
    """Return an empty database of the newest schema."""
    database = new_database()
    yield database
    database.conn.close()


def add(db: Database, state: State, *moments: str, starter: str = "U1", channel: str = "C1") -> int:
    """Put a session on record in this state, with these moments set."""
    session = sessions.add(db, new_session(channel=channel, starter=starter), now=NOW)
    if "stop_given_up_at" in moments:
        stops.take(db, session.id, by="U1", reason=None, command=None, request_id="r", now=NOW)
    db.execute("update sessions set state = ? where id = ?", [state, session.id])
    for moment in moments:
        db.execute(f"update sessions set {moment} = created_at where id = ?", [session.id])  # noqa: S608 - our names
    return session.id


def test_what_needs_attention_stands_first_by_the_records_own_word(db: Database) -> None:
    """For every state and every mark, the order is: needing attention, open, over; the newest first in each."""
    for state in State:
        for marked in product((False, True), repeat=len(MOMENTS)):
            add(db, state, *(name for name, is_set in zip(MOMENTS, marked, strict=True) if is_set))
    found = listed(db, ListFilter(team="T1", states=tuple(State)), limit=1_000)
    assert len(found) == len(State) * 2 ** len(MOMENTS)
    assert found == sorted(found, key=lambda each: (each.state.is_final, not needs_attention(each), -each.id))


def test_only_what_is_wanted_is_listed(db: Database) -> None:
    """Workspace, states, channel and starter narrow the list down, and the limit cuts its end."""
    mine, theirs = add(db, State.running), add(db, State.running, starter="U2")
    elsewhere, over = add(db, State.running, channel="C2"), add(db, State.ended)

    def ids(wanted: ListFilter, limit: int = 10) -> list[int]:
        return [each.id for each in listed(db, wanted, limit=limit)]

    running, every = (State.running,), tuple(State)
    assert ids(ListFilter(team="T1", states=every)) == [elsewhere, theirs, mine, over]
    assert ids(ListFilter(team="T1", states=running, channel="C1")) == [theirs, mine]
    assert ids(ListFilter(team="T1", states=running, starter="U1")) == [elsewhere, mine]
    assert ids(ListFilter(team="T2", states=every)) == []
    assert ids(ListFilter(team="T1", states=every), limit=1) == [elsewhere]


def test_filters_narrow_down_before_anything_is_cut_off(db: Database) -> None:
    """Origin, rules and attention are part of the question, so that a limit hides nothing that fits."""
    every, names = tuple(State), (1001, "obedient")
    plain_ = add(db, State.running)
    foreign = sessions.add(db, new_session(origin=Origin.elsewhere, starter=""), now=NOW).id
    nameless = sessions.add(db, new_session(rule_id=7, rule_name=None), now=NOW).id
    lost = add(db, State.unknown)

    def ids(**values: Any) -> list[int]:
        wanted = ListFilter(**{"team": "T1", "states": every} | values)
        found = [each.id for each in listed(db, wanted, limit=10)]
        assert sorted(found) == [each.id for each in oldest(db, wanted, limit=10)]
        assert [each.id for each in oldest(db, wanted, after=plain_, limit=10)] == sorted(found)[plain_ in found :]
        return found

    assert ids(origin=Origin.elsewhere) == [foreign]
    assert ids(origin=Origin.slack) == [lost, nameless, plain_]
    assert ids(rules=[(7, None)]) == [nameless]
    assert ids(rules=[names, (7, None)], origin=Origin.slack) == [lost, nameless, plain_]
    assert ids(rules=[]) == []
    assert ids(needs_attention=True) == [lost]
    assert ids(needs_attention=True, or_rules=[(7, None)]) == [lost, nameless]
    assert sorted(rules_of(db, ListFilter(team="T1", states=every)), key=str) == [names, (7, None)]
    both = [sessions.add(db, new_session(rule_id=number, rule_name=None), now=NOW).id for number in (7, 8)]
    for each in both:
        sessions.move(db, each, State.failed, by="platform", event="Over.", now=NOW)
    about = {"needs_attention": True, "or_rules": [(7, None)]}
    assert ids(rules=[(7, None), (8, None)], **about) == [nameless, both[0]]
    assert ids(rules=[(8, None)], **about) == []


def test_a_name_that_no_session_had_reads_no_session(db: Database) -> None:
    """Of a rule by a name that nothing fits, sessions that are over are not gone through: there may be very many."""
    add(db, State.ended)
    asked = list[str]()
    wanted = ListFilter(team="T1", states=(State.ended,), rules=[(new_session().rule_id, "renamed")])
    db.conn.set_trace_callback(asked.append)
    assert listed(db, wanted, limit=10) == []
    db.conn.set_trace_callback(None)
    assert not any("from sessions" in each for each in asked)


def test_silence_is_judged_by_what_was_read(db: Database) -> None:
    """Silent is who was not heard of for so long before the last whole round began, whatever the time of day is.

    Without a round nobody is, nor is a session that never announced itself, or one that is over.
    """
    minute, five = timedelta(minutes=1), timedelta(minutes=5)
    heard, unheard, over, unread = (sessions.add(db, new_session(), now=NOW).id for _ in range(4))
    for session in (heard, over, unread):
        sessions.record_silently(db, session, heard_at=NOW)
    sessions.record_silently(db, over, end_seen_at=NOW)
    sessions.record_silently(db, unread, application_id=2)

    def silent(length: timedelta = five) -> list[int]:
        wanted = ListFilter(team="T1", states=tuple(State), silent=length)
        return [each.id for each in listed(db, wanted, limit=10)]

    assert silent() == []
    keep(db, Announcements(application_id=1, application_name="demo", read_at=NOW + five - minute))
    keep(db, Announcements(application_id=2, application_name="other"))
    assert silent() == []
    assert silent(4 * minute) == [heard]
    keep(db, Announcements(application_id=1, application_name="demo", read_at=NOW + five))
    assert silent() == [heard]
    assert unheard not in silent(minute)
