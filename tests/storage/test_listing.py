"""The order of a list, and that SQL and the record agree on what needs attention."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

import pytest
from sqlite_utils import Database

from storage import sessions, stops
from storage.listing import ListFilter, listed, needs_attention
from storage.records import State
from storage.sqlite.migrations import migrations
from tests.factories import new_session

NOW = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
MOMENTS = ("stop_given_up_at", "expect_told_at", "over_max_at", "end_seen_at")


@pytest.fixture
def db() -> Iterator[Database]:
    """Return an empty database of the newest schema."""
    connection = sqlite3.connect(":memory:")
    database = Database(connection)
    migrations.apply(database)
    yield database
    connection.close()


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
