"""The one source of time: what reads it or waits takes a `Clock`, so that a test can bring a faster one.

Other clocks are known by the Date of what they answer; `ahead_of` and `complaint` hold ours against them.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

OFF: Final = timedelta(seconds=30)
"""From here on a clock is called wrong: an answer's way and its whole seconds are far less."""


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


def ahead_of(date: str | None, now: datetime) -> timedelta | None:
    """Say how far `now` is ahead of an answer's Date header; None where that tells no time."""
    try:
        return now - parsedate_to_datetime(date or "")
    except (TypeError, ValueError):  # TypeError: a date without its zone
        return None


def complaint(ahead: timedelta | None, whose: str) -> str | None:
    """Say by how much this machine's clock is wrong; None if it is not, or nobody can tell."""
    if ahead is None or abs(ahead) < OFF:
        return None
    way = "ahead of" if ahead > timedelta() else "behind"
    return f"this machine's clock is {abs(round(ahead.total_seconds()))} s {way} {whose}: set it right, with NTP"
