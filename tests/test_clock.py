from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock, ahead_of, complaint

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def test_time_is_aware_and_moves_on() -> None:
    """The clock tells aware UTC moments, and its monotonic seconds never go back over a wait."""
    clock = Clock()
    before, moment = clock.monotonic(), clock.now()
    await clock.sleep(0)
    assert moment.tzinfo is UTC
    assert clock.monotonic() >= before
    assert clock.now() >= moment


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Fri, 20 Nov 2026 11:50:00 GMT", timedelta(minutes=10)),
        ("Fri, 20 Nov 2026 12:10:00 GMT", -timedelta(minutes=10)),
        ("Fri, 20 Nov 2026 13:00:00 +0100", timedelta()),
        ("Fri, 20 Nov 2026 12:00:00 -0000", None),
        ("at noon", None),
        ("", None),
        (None, None),
    ],
)
def test_another_clock_is_read_from_a_date_header(date: str | None, ahead: timedelta | None) -> None:
    """What is no date, or one without its zone, tells no time."""
    assert ahead_of(date, NOON) == ahead


def test_a_small_difference_is_no_complaint() -> None:
    """Seconds are an answer's way; minutes are a wrong clock, and it is said which way and by how much."""
    assert complaint(None, "Slack's") is None
    assert complaint(timedelta(seconds=-29), "Slack's") is None
    told = complaint(timedelta(minutes=-10), "Slack's")
    assert told == "this machine's clock is 600 s behind Slack's: set it right, with NTP"
