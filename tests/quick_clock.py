"""A clock that runs fast while nothing is done, for tests of what takes minutes in life."""

import asyncio
import heapq
import itertools
import threading
import time
from datetime import UTC, datetime, timedelta

from bot.process._clock import Clock

TIMES = 20
LOOKS_S = 0.01
IDLE_AT_MOST_S = 2 * LOOKS_S
"""How much of the time between two looks may have been idle: what is longer was a machine busy with others."""

AT_ONCE_S = 0.000_5
"""Nothing has passed for a clock that is asked so soon again: to ask the system costs more than that is worth."""


class QuickClock(Clock):
    """A clock that runs faster than the wall's: what waits minutes in life waits seconds here.

    It is fast only while its event loop is idle, which it knows by looking often: every few milliseconds while
    somebody sleeps. The moments in which this process works, or waits for a core, pass as they do in life, so that
    on a busy machine no deadline comes nearer than it would outside.
    """

    def __init__(self, times: float = TIMES) -> None:
        self._times = times
        self._began = datetime.now(UTC)
        self._began_monotonic = super().monotonic()
        self._passed = 0.0
        self._ahead = 0.0
        self._set = 0.0
        self._looked = (super().monotonic(), time.process_time())
        self._counting = threading.Lock()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._counted = itertools.count()
        self._next_look: asyncio.TimerHandle | None = None
        super().__init__()

    def monotonic(self) -> float:
        """Return this clock's seconds."""
        return self._began_monotonic + self._elapsed() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait this many of this clock's seconds."""
        over = self._elapsed() + seconds
        await asyncio.sleep(0)
        if over > self._elapsed():
            due = asyncio.get_running_loop().create_future()
            heapq.heappush(self._sleepers, (over, next(self._counted), due))
            if self._sleepers[0][2] is due:
                self._look_soon()
            await due

    def jump(self, seconds: float) -> None:
        """Move the clock ahead at once; present sleepers sleep on."""
        self._ahead += seconds

    def set_wall(self, seconds: float) -> None:
        """Set what the wall clock shows forward, or back, as somebody or NTP does; no time passes."""
        self._set += seconds

    def forget(self) -> None:
        """Be the clock of a process that comes up now, and has not seen when the wall clock was set."""
        self._stretches.clear()
        self.now()

    def true(self) -> datetime:
        """Return the present moment as those tell it whose clocks nobody has set."""
        return self._began + timedelta(seconds=self._elapsed() + self._ahead)

    def _wall(self) -> datetime:
        return self.true() + timedelta(seconds=self._set)

    def _look(self) -> None:
        """Wake those whose time has come, and look again while others sleep."""
        elapsed = self._elapsed()
        while self._sleepers and (self._sleepers[0][0] <= elapsed or self._sleepers[0][2].done()):
            _, _, due = heapq.heappop(self._sleepers)
            if not due.done():
                due.set_result(None)
        if self._sleepers:
            self._look_soon()

    def _look_soon(self) -> None:
        """Look when the first sleeper may be due, or earlier: one look serves all sleepers."""
        if self._next_look is not None:
            self._next_look.cancel()
        left = (self._sleepers[0][0] - self._elapsed()) / self._times
        self._next_look = asyncio.get_running_loop().call_later(min(max(left, 0), LOOKS_S), self._look)

    def _elapsed(self) -> float:
        """Return the seconds since it began, jumps left out: time at work counts once, idle time many times."""
        with self._counting:  # the writer thread asks as well
            before, worked_before = self._looked
            wall = super().monotonic()
            if wall - before < AT_ONCE_S:
                return self._passed
            worked = time.process_time()
            self._looked = (wall, worked)
            idle = min(max(wall - before - (worked - worked_before), 0), IDLE_AT_MOST_S)
            self._passed += wall - before + idle * (self._times - 1)
            return self._passed
