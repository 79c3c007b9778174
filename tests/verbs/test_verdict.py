"""The words for the end of a stop."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.verbs.verdict import words
from storage.records import State
from tests.made import a_session

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
        stop_asked_at=STOPPED,
        stop_delivered_at=STOPPED,
        ended_at=STOPPED + timedelta(seconds=ended_s),
        history_at=STOPPED + timedelta(seconds=read_s),
    )
    assert words(ended) == f"Confirmed: #1 obedient ended (Normal termination){says}."
