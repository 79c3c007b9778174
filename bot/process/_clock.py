"""The three sources of time, never mixed; readers take one as an argument, so that a test injects its own.

`Clock.monotonic`, `at` and `since` are for what lives in this process: nobody sets that clock. `Clock.now` is the
machine's wall clock, for what is stored and shown; it can be set while the bot runs. `RemoteClock` is Slack's or the
platform's, learnt from the Date of their answers, for questions to them and facts from them.
"""

import asyncio
import logging
import math
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

log = logging.getLogger(__name__)

OFF: Final = timedelta(seconds=30)
"""From here on a clock is called wrong: an answer's way and its whole seconds are far less."""

_SET_S: Final = 2.0
"""From here on a wall clock counts as set: reading two clocks one after the other takes far less."""

_STRETCHES: Final = 100

_MEASURED: Final = timedelta(seconds=0.5)
"""The difference to another clock that its slow answer alone can make."""


@dataclass
class _SteadyPeriod:
    """A period in which the wall clock was not set, and was `ahead` of the monotonic one; all in monotonic seconds.

    It began between `began`, the last reading before it, and `noticed`; `seen` is its last reading.
    """

    ahead: float
    began: float
    noticed: float
    seen: float


class Clock:
    """The machine's own time; a subclass may run faster."""

    def __init__(self) -> None:
        self._looking = threading.Lock()  # the writer thread asks as well
        self._stretches: list[_SteadyPeriod] = []
        self._followed, self._follows = timedelta(), False
        self.now()

    def now(self) -> datetime:
        """Return the present moment by the wall clock, aware and in UTC: for records and for people."""
        with self._looking:
            moment = self._wall() - self._followed
            self._notice(moment.timestamp(), self.monotonic())
        return moment

    def follow(self, ahead_s: float) -> None:
        """Show another clock's time as the wall clock's from now on; `ahead_s` are the seconds by which ours is ahead.

        Replicas follow the clock of their database, so that a moment that one of them stored is as old for another: a
        double press within its window, an offer, an alarm. A difference that measuring alone can make changes nothing.
        The first one also holds for all the time before, in which nothing was stored.
        """
        ahead = timedelta(seconds=ahead_s)
        with self._looking:
            if not self._follows:
                for stretch in self._stretches:
                    stretch.ahead -= ahead_s
            if not self._follows or abs(ahead - self._followed) > _MEASURED:
                self._follows, self._followed = True, ahead

    def monotonic(self) -> float:
        """Return seconds since some fixed moment, never going back: for measuring and for deadlines."""
        return time.monotonic()

    def at(self, stored: datetime) -> float:
        """Return a stored moment by the monotonic clock, even if the wall clock was set since.

        A moment in the future, left by a clock that was set back while no process ran, is infinitely long ago:
        its deadline has passed.
        """
        self.now()
        with self._looking:
            now, stretches = self.monotonic(), list(self._stretches)
        for number, stretch in reversed(list(enumerate(stretches))):
            at = stored.timestamp() - stretch.ahead
            end = now if stretch is stretches[-1] else stretches[number + 1].noticed
            if at <= end + _SET_S and (number == 0 or at >= stretch.began - _SET_S):
                return at
        return -math.inf

    def since(self, stored: datetime) -> float:
        """Return the seconds since a stored moment, by `at`."""
        return max(self.monotonic() - self.at(stored), 0.0)

    def age(self, stored: datetime) -> timedelta:
        """Return the age of a stored moment, for people: by the wall clock where `since` is infinite."""
        seconds = self.since(stored)
        return timedelta(seconds=seconds) if math.isfinite(seconds) else self.now() - stored

    async def sleep(self, seconds: float) -> None:
        """Wait this many seconds."""
        await asyncio.sleep(seconds)

    def _wall(self) -> datetime:
        return datetime.now(UTC)

    def _notice(self, wall: float, monotonic: float) -> None:
        """Record that the wall clock was set, when it moved otherwise than the monotonic one."""
        ahead = wall - monotonic
        last = self._stretches[-1] if self._stretches else _SteadyPeriod(ahead, monotonic, monotonic, monotonic)
        by = ahead - last.ahead
        if not self._stretches:
            self._stretches.append(last)
        elif abs(by) < _SET_S:
            last.seen = monotonic
        else:
            self._stretches.append(_SteadyPeriod(ahead, last.seen, monotonic, monotonic))
            del self._stretches[1:-_STRETCHES]
        if abs(by) >= OFF.total_seconds():
            way = "forward" if by > 0 else "back"
            log.warning(
                "this machine's clock was set %s by %d s; what is under way goes on by its own", way, round(abs(by))
            )


class RemoteClock:
    """The clock of another machine: learnt from the Date of each answer, and advanced without our wall clock.

    `whose` clock it is stands in the log's line about a difference to `ours`.
    """

    def __init__(self, clock: Clock, whose: str) -> None:
        self.ours = clock
        self._whose = whose
        self._heard: tuple[datetime, float] | None = None
        self._is_off = False

    def learn(self, date: str | None) -> None:
        """Learn the time from an answer's Date header; log once when our clock starts to differ."""
        moment = _moment(date)
        if moment is None:
            return
        self._heard = (moment, self.ours.monotonic())
        wrong = clock_warning(self.ours.now() - moment, self._whose)
        if wrong is not None and not self._is_off:
            log.warning("%s", wrong)
        self._is_off = wrong is not None

    def known(self) -> datetime | None:
        """Return the present moment by that clock; None before the first answer."""
        if self._heard is None:
            return None
        moment, heard_at = self._heard
        return moment + timedelta(seconds=self.ours.monotonic() - heard_at)

    def now(self) -> datetime:
        """Return the present moment by that clock; by our own before the first answer."""
        return self.known() or self.ours.now()

    def at(self, stored: datetime) -> datetime:
        """Return a moment of that clock for a moment stored by ours."""
        ago = self.ours.since(stored)
        return self.now() - (timedelta(seconds=ago) if math.isfinite(ago) else self.ours.now() - stored)


def clock_ahead_of(date: str | None, now: datetime) -> timedelta | None:
    """Return the time by which `now` is ahead of an answer's Date header; None for an unreadable header."""
    moment = _moment(date)
    return None if moment is None else now - moment


def clock_warning(ahead: timedelta | None, whose: str) -> str | None:
    """Return a sentence about this machine's wrong clock; None if it is right or unknown."""
    if ahead is None or abs(ahead) < OFF:
        return None
    way = "ahead of" if ahead > timedelta() else "behind"
    return f"this machine's clock is {abs(round(ahead.total_seconds()))} s {way} {whose}: set it right, with NTP"


def _moment(date: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return None if moment.tzinfo is None else moment
