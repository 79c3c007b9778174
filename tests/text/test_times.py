from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.text._times import ago, clock_time, duration_words

NOON = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.99, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3_599, "59 min 59 s"),
        (3_600, "1 h"),
        (3_660, "1 h 1 min"),
        (3_605, "1 h"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d"),
        (100 * 86_400 + 4 * 3_600, "100 d 4 h"),
    ],
)
def test_a_duration_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    """Durations are rounded down, never negative, and say no unit that is zero."""
    assert duration_words(timedelta(seconds=seconds)) == words


def test_a_time_ago_is_a_duration() -> None:
    """How long ago something was is said as a duration, and a clock that went back makes it no negative one."""
    assert ago(timedelta(seconds=185)) == "3 min 5 s ago"
    assert ago(timedelta(seconds=-5)) == "0 s ago"


def test_a_time_of_day_is_in_utc() -> None:
    """A time of day names its zone, whatever zone the moment was given in."""
    assert clock_time(NOON) == "12:00 UTC"
    assert clock_time(NOON.astimezone(timezone(timedelta(hours=5)))) == "12:00 UTC"
