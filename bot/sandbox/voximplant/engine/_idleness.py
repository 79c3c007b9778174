"""The idle time of a session: documented as 60 s without a call, whatever else it does, longer in a queue."""

from collections.abc import Callable

from bot.sandbox._clock import TimerHandle, TimeSource


class Idleness:
    """Calls `end` when a session has had no call for too long, by `time`."""

    def __init__(self, time: TimeSource, seconds: float, queued_seconds: float, end: Callable[[], None]) -> None:
        self._time = time
        self._seconds = seconds
        self._queued_seconds = queued_seconds
        self._end = end
        self._due: TimerHandle | None = None

    def watch(self, *, live_calls: int, queued: int) -> None:
        """Count the idle time from now on, or not at all with a live call; `queued` requests wait in a queue."""
        self.stop()
        if live_calls == 0:
            self._due = self._time.call_later(self._queued_seconds if queued > 0 else self._seconds, self._end)

    def stop(self) -> None:
        """Stop counting."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
