import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.process._clock import Clock, RemoteClock, clock_ahead_of, clock_warning
from tests.manual_clock import ManualClock

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
    assert clock_ahead_of(date, NOON) == ahead


def test_a_small_difference_is_no_complaint() -> None:
    """Seconds are an answer's way; minutes are a wrong clock, and it is said which way and by how much."""
    assert clock_warning(None, "Slack's") is None
    assert clock_warning(timedelta(seconds=-29), "Slack's") is None
    told = clock_warning(timedelta(minutes=-10), "Slack's")
    assert told == "this machine's clock is 600 s behind Slack's: set it right, with NTP"


FIVES = st.integers(-20_000, 20_000).map(lambda each: 5 * each)


@given(st.lists(st.tuples(FIVES.map(abs), FIVES), min_size=1, max_size=8), st.data())
def test_how_long_ago_something_was_is_not_changed_by_setting_the_clock(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    """However often the wall clock is set, a moment that it told is as long ago as time has passed since.

    Where it has shown the same moment again, the last time is meant.
    """
    clock = ManualClock()
    begun, shown = clock.now(), [(0.0, clock.now(), clock.now())]
    told = data.draw(st.integers(0, len(steps) - 1))
    for number, (seconds, by) in enumerate(steps):
        clock.let_pass(timedelta(seconds=seconds))
        shown[-1] = (*shown[-1][:2], clock.now())
        if number == told:
            begun = clock.now()
        if abs(by) >= 2:
            clock.set(timedelta(seconds=by))
            shown.append((clock.monotonic(), clock.now(), clock.now()))
    slack = timedelta(seconds=2)
    times = [
        at + (begun - first).total_seconds() for at, first, last in shown if first - slack <= begun <= last + slack
    ]
    assert clock.at(begun) == pytest.approx(max(times), abs=0.01)


def test_a_clock_set_back_is_as_good_as_one_that_was_not() -> None:
    """Set back by two hours, forward again, and back: what was stored ten minutes ago was stored ten minutes ago."""
    clock = ManualClock()
    clock.let_pass(timedelta(hours=1))
    stored = clock.now()
    for hours in (-2, 2, 2, -2, -2):
        clock.let_pass(timedelta(minutes=2))
        clock.set(timedelta(hours=hours))
    assert clock.since(stored) == 600


def test_what_was_stored_before_the_process_came_up_is_as_old_as_the_clock_then_said() -> None:
    """A jump that this process saw changes nothing in the age of what an earlier one stored."""
    clock = ManualClock()
    stored = clock.now() - timedelta(minutes=5)
    clock.let_pass(timedelta(minutes=1))
    for hours in (-2, 4):
        clock.set(timedelta(hours=hours))
        assert clock.since(stored) == 360


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(minutes=-2), timedelta(days=1)])
def test_replicas_that_follow_one_clock_store_the_same_moments(ahead: timedelta) -> None:
    """Clocks that are minutes apart tell one time, and what one stored is as old for the other, also from before."""
    right, wrong = ManualClock(), ManualClock()
    before = right.now() - timedelta(minutes=5)
    wrong.set(ahead)
    wrong.forget()
    wrong.follow(ahead.total_seconds())
    right.follow(0.0)
    assert wrong.now() == right.now()
    assert wrong.since(before) == 300
    stored = [wrong.now(), right.now()]
    for each in (right, wrong):
        each.let_pass(timedelta(seconds=20))
    assert [clock.since(each) for clock in (right, wrong) for each in stored] == [20] * 4
    wrong.set(-ahead)  # as NTP does; the server says so with the next sign of life
    wrong.now()
    wrong.follow(0.3)
    assert abs(wrong.now() - right.now()) < timedelta(seconds=1)
    assert wrong.since(before) == pytest.approx(320, abs=0.5)
    assert [wrong.since(each) for each in stored] == pytest.approx([20, 20], abs=0.5)


def test_what_measuring_makes_moves_no_clock() -> None:
    """A server that answers slowly makes a clock seem behind; that does not move it back and forth."""
    clock = ManualClock()
    clock.follow(0.1)
    told = clock.now()
    for ahead_s in (-0.3, 0.0, 0.5, -0.2):
        clock.follow(ahead_s)
        assert clock.now() == told


def test_what_lies_in_the_future_is_due() -> None:
    """A moment that no clock of this process can have told is infinitely long ago, but for a rounded second."""
    clock = ManualClock()
    assert clock.since(clock.now() + timedelta(hours=2)) == math.inf
    assert clock.at(clock.now() + timedelta(hours=2)) == -math.inf
    assert clock.since(clock.now() + timedelta(seconds=1)) == 0


def test_a_clock_that_is_set_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Who reads the log at night sees when, which way and by how much the clock was set, once."""
    clock = ManualClock()
    clock.set(timedelta(hours=-2))
    clock.now()
    clock.now()
    (line,) = [each.getMessage() for each in caplog.records]
    assert line.startswith("this machine's clock was set back by 7200 s")


def test_another_clock_goes_on_without_ours() -> None:
    """Once heard, Slack's time is told whatever happens to our wall clock; before that ours has to do."""
    clock = ManualClock()
    slack = RemoteClock(clock, "Slack's")
    assert slack.known() is None
    assert slack.now() == clock.now()
    slack.learn("Fri, 20 Nov 2026 11:50:00 GMT")
    clock.let_pass(timedelta(minutes=10))
    clock.set(timedelta(hours=-2))
    slack.learn(None)
    assert slack.known() == slack.now() == NOON
    assert slack.at(clock.now() - timedelta(hours=0)) == NOON
    assert slack.at(clock.now() + timedelta(hours=2)) == NOON
