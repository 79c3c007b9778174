"""How long a session lasts, by two clocks of three: any one of them may be wrong, and nothing is stopped for it."""

from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from itertools import product

import pytest

from bot.process._clock import RemoteClock
from bot.watch._ages import Ages
from storage.records import Origin
from tests.factories import a_session
from tests.manual_clock import ManualClock

TRUE = timedelta(minutes=10)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("set_by_h", "restarted", "platform_off_h", "heard"),
    [*product((-2, 0, 2), (False, True), (0,), (False, True)), (0, False, 2, True), (0, False, -2, True)],
)
def test_no_clock_alone_makes_a_session_too_old(
    set_by_h: int, platform_off_h: int, *, restarted: bool, heard: bool
) -> None:
    """Whichever clock is set, and whether or not the bot came up since, the agreed age is never more than the true one.

    It is the true one as soon as the platform was heard, and neither the bot nor the clock changed since.
    """
    clock = ManualClock()
    platform = RemoteClock(clock, "the platform's")
    start = clock.now()
    ages = Ages(clock, platform)
    session = replace(a_session(start), started_at=start)
    clock.let_pass(TRUE)
    there = clock.now()
    clock.set(timedelta(hours=set_by_h))
    if restarted:
        clock = ManualClock()
        clock.set(TRUE + timedelta(hours=set_by_h))
        clock.forget()
        platform = RemoteClock(clock, "the platform's")
        ages = Ages(clock, platform)
    if heard:
        platform.learn(format_datetime(there + timedelta(hours=platform_off_h), usegmt=True))
        ages.record_start(session.id, start)
    assert ages.agreed_age(session) <= TRUE
    if not restarted or (heard and set_by_h == 0):
        assert ages.agreed_age(session) == TRUE or set_by_h < 0


def test_a_clock_that_is_alone_is_doubted_for_as_long_as_it_says_so() -> None:
    """The doubt begins when one clock calls a session too old, and is over when none does."""
    clock = ManualClock()
    ages = Ages(clock, RemoteClock(clock, "the platform's"))
    session = a_session(clock.now())
    assert ages.doubted_for(session, HOUR) == timedelta()
    clock.set(2 * HOUR)
    assert ages.doubted_for(session, HOUR) == timedelta()
    clock.let_pass(TRUE)
    assert ages.doubted_for(session, HOUR) == TRUE
    clock.set(-2 * HOUR)
    assert ages.doubted_for(session, HOUR) == timedelta()
    clock.set(2 * HOUR)
    assert ages.doubted_for(session, HOUR) == timedelta()


def test_the_word_of_a_session_alone_makes_it_no_older() -> None:
    """What a session from elsewhere claims of its start counts only once the history has that start."""
    clock = ManualClock()
    platform = RemoteClock(clock, "the platform's")
    ages = Ages(clock, platform)
    clock.let_pass(5 * HOUR)
    claimed = clock.now() - 4 * HOUR
    session = replace(a_session(clock.now(), origin=Origin.elsewhere), started_at=claimed)
    clock.let_pass(TRUE)
    assert ages.agreed_age(session) == TRUE
    platform.learn(format_datetime(clock.now(), usegmt=True))
    ages.record_start(session.id, claimed)
    assert ages.agreed_age(session) == 4 * HOUR + TRUE
