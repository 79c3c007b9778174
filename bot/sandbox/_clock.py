"""The clock of an embedded world: the machine's, put on by hand, with the timers that are due by it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol


class TimerHandle(Protocol):
    """A timer that is set."""

    def cancel(self) -> None:
        """Remove the timer; one that has fired or is removed stays as it is."""

    def when(self) -> float:
        """Return the time at which it is due, in seconds of its source's `time`."""


class TimeSource(Protocol):
    """The seconds and the timers of sessions: an event loop is one, a `WorldClock` is another."""

    def time(self) -> float:
        """Return seconds since some fixed moment."""

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> TimerHandle:
        """Call `callback` at a time."""

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> TimerHandle:
        """Call `callback` after so many seconds."""


class WorldTimer:
    """One timer of a `WorldClock`."""

    def __init__(self, clock: "WorldClock", when: float, act: Callable[[], object]) -> None:
        self._clock = clock
        self._when = when
        self._act = act
        self._handle: asyncio.TimerHandle | None = None

    def when(self) -> float:
        """Return the time at which it is due, by its clock."""
        return self._when

    def cancel(self) -> None:
        """Remove the timer."""
        self._unset()
        self._clock.forget(self)

    def set_in(self, loop: asyncio.AbstractEventLoop, ahead: float) -> None:
        """Set the timer in the event loop, from which its clock is so many seconds `ahead`."""
        self._unset()
        self._handle = loop.call_at(self._when - ahead, self._fire)

    def _fire(self) -> None:
        self._clock.forget(self)
        self._act()

    def _unset(self) -> None:
        if self._handle is not None:
            self._handle.cancel()


class WorldClock:
    """The present moment of one embedded world, for its Slack and its platform: `clock()`; and the timers by it.

    Put on, it behaves as a machine that wakes up: what was due in between fires at once, in its order, and once. The
    timers live in the event loop that runs when they are set; the limits of an answer run on in real time.
    """

    def __init__(self) -> None:
        self.ahead_s = 0.0
        """The seconds by which this world is ahead of the machine."""
        self._timers: set[WorldTimer] = set()

    def __call__(self) -> datetime:
        """Return the present moment, aware."""
        return datetime.now(UTC) + timedelta(seconds=self.ahead_s)

    def put_on(self, seconds: float) -> None:
        """Put it on by these seconds. Raises ValueError for what would put it back."""
        if seconds < 0:
            raise ValueError(f"a clock is put on, not back: {seconds:g} s")
        self.ahead_s += seconds
        for timer in self._timers:
            timer.set_in(asyncio.get_running_loop(), self.ahead_s)

    def time(self) -> float:
        """Return seconds since some fixed moment: those of the event loop, put on as well."""
        return asyncio.get_running_loop().time() + self.ahead_s

    def call_at(self, when: float, callback: Callable[..., object], *args: Any) -> WorldTimer:
        """Call `callback` at a time, by `time`."""
        timer = WorldTimer(self, when, lambda: callback(*args))
        self._timers.add(timer)
        timer.set_in(asyncio.get_running_loop(), self.ahead_s)
        return timer

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> WorldTimer:
        """Call `callback` after so many seconds."""
        return self.call_at(self.time() + delay, callback, *args)

    def forget(self, timer: WorldTimer) -> None:
        """Drop a timer that has fired or was removed."""
        self._timers.discard(timer)
