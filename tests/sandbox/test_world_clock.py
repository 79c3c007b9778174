"""The clock of an embedded world: put on, it behaves as a machine that wakes up."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox import WorldClock

HOUR_S = 3600.0


async def test_what_was_due_fires_at_once_in_its_order() -> None:
    """Timers of the skipped time fire in the order in which they were due, and later ones stay."""
    clock, fired = WorldClock(), list[str]()
    for name, seconds in (("second", 20), ("first", 10), ("never", 2 * HOUR_S)):
        clock.call_later(seconds, fired.append, name)
    done = asyncio.Event()
    clock.call_later(30, done.set)
    clock.put_on(HOUR_S)
    await asyncio.wait_for(done.wait(), 10)
    assert fired == ["first", "second"]


async def test_a_timer_that_was_removed_does_not_fire() -> None:
    """A timer that is cancelled before its time is over does not fire, however far the clock is put on."""
    clock, fired, done = WorldClock(), list[str](), asyncio.Event()
    timer = clock.call_later(10, fired.append, "removed")
    clock.call_later(20, done.set)
    timer.cancel()
    clock.put_on(HOUR_S)
    await asyncio.wait_for(done.wait(), 10)
    assert fired == []


async def test_all_that_is_read_is_put_on() -> None:
    """The present moment and the seconds for timers move together."""
    clock = WorldClock()
    seconds = clock.time()
    clock.put_on(HOUR_S)
    assert clock() - datetime.now(UTC) > timedelta(minutes=59)
    assert clock.time() - seconds >= HOUR_S


def test_it_is_not_put_back() -> None:
    """A world's time goes forward only."""
    clock = WorldClock()
    with pytest.raises(ValueError, match="put on, not back"):
        clock.put_on(-1)
    assert clock.ahead_s == 0
