"""Ages of sessions, as far as two clocks agree: one alone may have been set, and a limit ends a session.

the wall clock's       now less the start, as they stand in the record
this process's own     since the start, or since this process came up if that was before it
the platform's         the time of its answers less the start in its history
"""

from datetime import datetime, timedelta

from bot.process import Clock, RemoteClock
from storage.records import Origin, Session


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

    def forget(self, session_id: int) -> None:
        """Forget a session that is over."""
        self._starts.pop(session_id, None)
        self._doubted.pop(session_id, None)

    def of(self, session: Session) -> tuple[timedelta, timedelta]:
        """Return the longest age of a session on which two of the clocks agree, and the longest by any."""
        *_, agreed, longest = sorted(self._all(session))
        return agreed, longest

    def agreed_age(self, session: Session) -> timedelta:
        """Return the longest age of a session on which two of the clocks agree."""
        return self.of(session)[0]

    def doubted_for(self, session: Session, limit: timedelta) -> timedelta:
        """Return the time for which some clock has put a session over the limit, at every reading."""
        return self.doubt(session, self.of(session)[1], limit)

    def doubt(self, session: Session, longest: timedelta, limit: timedelta) -> timedelta:
        """Return the time for which a session's longest age has been over the limit, at every reading."""
        if longest < limit:
            self._doubted.pop(session.id, None)
            return timedelta()
        now = self._clock.monotonic()
        return timedelta(seconds=now - self._doubted.setdefault(session.id, now))

    def _all(self, session: Session) -> list[timedelta]:
        start, there = self._starts.get(session.id), self._platform.known()
        since = session.started_at or session.called_at or session.created_at
        if session.origin is Origin.elsewhere and start is None:  # it may be its own word: nothing is stopped for that
            since = session.created_at
        running = self._clock.monotonic() - self._came_up
        ages = [self._clock.now() - since, timedelta(seconds=min(self._clock.since(since), running))]
        return ages if start is None or there is None else [*ages, there - start]
