"""A clock that runs faster than the machine's, the same in several processes; a signal sets its wall clock forward."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.process import Clock

TIMES: Final = 6
BASE: Final = "BENCHMARK_CLOCK_BASE"
"""The variable with the moment, of the machine's monotonic clock, from which on time is fast; without it none is."""

SET_FORWARD_S: Final = 3_600.0
"""The time by which SIGUSR1 sets the wall clock forward."""


class FastClock(Clock):
    """A clock that is fast from a moment on that all processes of a run know."""

    def __init__(self) -> None:
        self._base = float(os.environ.get(BASE, "inf"))
        self._set = 0.0
        super().__init__()

    def monotonic(self) -> float:
        """Return this clock's seconds."""
        now = time.monotonic()
        return now + max(now - self._base, 0.0) * (TIMES - 1)

    async def sleep(self, seconds: float) -> None:
        """Wait this many of this clock's seconds."""
        await asyncio.sleep(seconds / (TIMES if self._base <= time.monotonic() else 1))

    def listen(self) -> None:
        """Set the wall clock forward at each SIGUSR1."""
        signal.signal(signal.SIGUSR1, lambda *_: self.set_forward(SET_FORWARD_S))

    def set_forward(self, seconds: float) -> None:
        """Set what the wall clock shows forward; no time passes."""
        self._set += seconds

    def _wall(self) -> datetime:
        ahead = self.monotonic() - time.monotonic() + self._set
        return datetime.now(UTC) + timedelta(seconds=ahead)
