"""A clock that goes on only when a test says so, and whose wall clock can be set as NTP does."""

import asyncio
from datetime import UTC, datetime, timedelta

from bot.process._clock import Clock


class ManualClock(Clock):
    """A clock that stands still: `let_pass` lets time pass, `set` changes only what the wall clock shows."""

    def __init__(self) -> None:
        self._shown = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
        self._passed = timedelta()
        super().__init__()

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self._passed.total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Pass the time at once."""
        self.let_pass(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def let_pass(self, time: timedelta) -> None:
        """Pass so much time."""
        self._passed += time

    def set(self, by: timedelta) -> None:
        """Set the wall clock forward, or back."""
        self._shown += by

    def forget(self) -> None:
        """Be the clock of a process that comes up now, and has not seen when the wall clock was set."""
        self._stretches.clear()
        self.now()

    def _wall(self) -> datetime:
        return self._shown + self._passed
