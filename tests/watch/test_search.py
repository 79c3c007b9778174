"""What the search of the history makes of the rows that could be a lost start."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from sqlite_utils import Database

from bot.ports import RuleLimits, RuleLookup
from bot.voximplant import HistoryRow
from bot.watch._search import _apply_rows
from storage import announced, messages, sessions
from storage.announced import Arrival
from storage.records import HistorySays, Origin, Session, State
from tests.factories import new_database, new_session

RULES = cast("RuleLookup", SimpleNamespace(limits=lambda _: RuleLimits()))
NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


@pytest.fixture
def db() -> Database:
    """Make a database in memory, with the schema."""
    made = new_database()
    made.conn.isolation_level = None
    return made


def row(number: int) -> HistoryRow:
    """Return the row of a session that runs."""
    return HistoryRow(
        history_id=number, rule_name="obedient", application_id=1, application_name="demo", start=NOW, duration=None,
        finish_reason=None, active=None, custom_data=None, cost=None, log_url=None, calls=None,
    )  # fmt: skip


@pytest.fixture
def lost(db: Database) -> Session:
    """Record a start whose answer was lost."""
    added = sessions.add(db, new_session(), now=NOW)
    moved = sessions.move(db, added.id, State.unknown, by="platform", event="Lost.", now=NOW)
    assert moved is not None
    return moved


@pytest.fixture
def arrive(db: Database) -> Callable[[int], Session]:
    """Return a way to record a session that announced itself."""

    def arrive(number: int) -> Session:
        new = new_session(starter="", origin=Origin.elsewhere)
        arrival = Arrival(
            new=new, history_id=number, secure_url=b"sealed", started_at=NOW, heard_at=NOW, calls=1
        )  # fmt: skip
        session = announced.record_arrival(db, arrival, by="scenario", event="Arrived.", with_card=False, now=NOW)
        assert session is not None
        return session

    return arrive


def test_the_only_row_is_the_lost_start(db: Database, lost: Session) -> None:
    """One row that is nobody's identifies it."""
    found = _apply_rows(db, lost.id, [row(7)], RULES, asked=lost.version, now=NOW)
    assert found is not None
    assert (found.state, found.history_id) == (State.uncontrolled, 7)


def test_the_last_free_row_is_no_proof(db: Database, lost: Session, arrive: Callable[[int], Session]) -> None:
    """A session that announced itself, and could be the lost start as well, leaves the last row without a verdict."""
    known = arrive(7)
    for _ in range(2):
        assert _apply_rows(db, lost.id, [row(7), row(8)], RULES, asked=lost.version, now=NOW) is None
    after = sessions.get(db, lost.id)
    assert after is not None
    assert (after.state, after.history_id, after.history_says) == (State.unknown, None, HistorySays.several)
    (reply,) = messages.unposted(db, lost.id)
    assert reply.body is not None
    assert f"h7, which is #{known.id}" in reply.body["text"]


def test_a_row_that_was_started_here_is_no_rival(db: Database, lost: Session) -> None:
    """A row of another start of ours is certainly not this one."""
    other = sessions.add(db, new_session(), now=NOW)
    sessions.record_silently(db, other.id, history_id=7)
    found = _apply_rows(db, lost.id, [row(7), row(8)], RULES, asked=lost.version, now=NOW)
    assert found is not None
    assert found.history_id == 8
