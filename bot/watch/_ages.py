"""Ages of sessions, as far as two clocks agree: one alone may have been set, and a limit ends a session.

the wall clock's       now less the start, as they stand in the record
this process's own     since the start, or since this process came up if that was before it
the platform's         the time of its answers less the start in its history
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from bot.process import Clock, RemoteClock
from storage.records import Session


class Ages:
    """The ages of sessions by three clocks; the platform's is known once the history has a session's start."""

    def __init__(self, clock: Clock, platform: RemoteClock) -> None:
        self._clock = clock
        self._platform = platform
        self._came_up = clock.monotonic()
        self._starts: dict[int, datetime] = {}
        self._doubted: dict[int, float] = {}

    def record_start(self, session_id: int, start: datetime) -> None:
        """Record when a session began by the platform's own clock."""
        self._starts[session_id] = start

    def keep_only(self, ids: Collection[int]) -> None:
        """Drop every other session, which is over."""
        self._starts = {each: start for each, start in self._starts.items() if each in ids}
        self._doubted = {each: first for each, first in self._doubted.items() if each in ids}

    def agreed_age(self, session: Session) -> timedelta:
        """Return the longest age of a session on which two of the clocks agree."""
        return sorted(self._all(session))[-2]

    def doubted_for(self, session: Session, limit: timedelta) -> timedelta:
        """Return the time for which some clock has put a session over the limit, at every reading."""
        if max(self._all(session)) < limit:
            self._doubted.pop(session.id, None)
            return timedelta()
        now = self._clock.monotonic()
        return timedelta(seconds=now - self._doubted.setdefault(session.id, now))

    def _all(self, session: Session) -> list[timedelta]:
        since = session.started_at or session.called_at or session.created_at
        running = self._clock.monotonic() - self._came_up
        ages = [self._clock.now() - since, timedelta(seconds=min(self._clock.since(since), running))]
        start, there = self._starts.get(session.id), self._platform.known()
        return ages if start is None or there is None else [*ages, there - start]
