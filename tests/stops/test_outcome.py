"""The words for the end of a stop."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.stops._outcome import history_words, outcome_words
from storage import history, sessions, stops
from storage.records import HistorySays, Session, State
from storage.stop import Arrived
from tests.factories import a_session, a_stop, new_database, new_session

STOPPED = datetime(2026, 1, 31, 2, 14, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ended_s", "read_s", "says"),
    [
        pytest.param(47, 50, ", 47 s after the stop", id="two clocks that agree"),
        pytest.param(1, 0, ", 1 s after the stop", id="the history's seconds are rounded up"),
        pytest.param(-1, 3, ", 0 s after the stop", id="and down"),
        pytest.param(-600, 3, "", id="our clock is fast"),
        pytest.param(605, 8, "", id="our clock is slow"),
    ],
)
def test_how_long_it_took_is_said_where_it_can_be_true(ended_s: int, read_s: int, says: str) -> None:
    """An end that lies before the stop, or after the reading that told it, gives no time."""
    ended = replace(
        a_session(STOPPED, rule_name="obedient"),
        state=State.ended,
        finish_reason="Normal termination",
        stop=a_stop(STOPPED, arrived=Arrived.yes, delivered_at=STOPPED),
        ended_at=STOPPED + timedelta(seconds=ended_s),
        history_at=STOPPED + timedelta(seconds=read_s),
    )
    assert outcome_words(ended) == f"Confirmed: #1 obedient ended (Normal termination){says}."


@pytest.mark.parametrize(
    "set_by", [timedelta(hours=-2), timedelta(), timedelta(hours=2)], ids=["back", "not", "forward"]
)
def test_only_what_was_asked_after_the_stop_is_an_answer_to_it(set_by: timedelta) -> None:
    """A history asked before the stop was wanted, or delivered, says nothing of it, whatever the clock did between."""
    db = new_database()
    db.conn.isolation_level = None
    number, later = sessions.add(db, new_session(), now=STOPPED).id, STOPPED + set_by

    def now() -> Session:
        found = sessions.get(db, number)
        assert found is not None
        return found

    sessions.move(db, number, State.running, by="platform", event="Started.", now=STOPPED)
    history.record_answer(db, number, HistorySays.runs, asked=now().version, now=STOPPED)
    assert history_words(now()) == "The history says that it still runs."
    wanted = {"by": "U1", "reason": None, "command": None, "request_id": "r"}
    stops.take(db, number, **wanted, now=later)  # type: ignore[arg-type]
    asked = now().version
    stops.record_arrival(db, now(), Arrived.yes, by="U1", event="Delivered.", now=later)
    assert history_words(now()) == "The history could not be asked."
    history.record_answer(db, number, HistorySays.runs, asked=asked, now=later + timedelta(minutes=1))
    assert history_words(now()) == "The history could not be asked."
    history.record_answer(db, number, HistorySays.runs, asked=now().version, now=later)
    assert history_words(now()) == "The history says that it still runs."
