"""The one source of time: what reads it or waits takes a `Clock`, so that a test can bring a faster one."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """The machine's own time; a subclass may run faster."""

    def now(self) -> datetime:
        """Tell the present moment, aware and in UTC: for records and for people."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Tell seconds since some fixed moment, never going back: for measuring and for deadlines."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait this many seconds."""
        await asyncio.sleep(seconds)
