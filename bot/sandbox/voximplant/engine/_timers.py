"""A session's timers, and the fixed rate of an interval."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox._clock import TimerHandle, TimeSource
from bot.sandbox.voximplant.engine._effects import SetTimer


@dataclass(frozen=True, kw_only=True)
class _Running:
    handle: TimerHandle
    timer: SetTimer


class Timers:
    """Calls `fire` with a timer's id when it is due by `time`."""

    def __init__(self, fire: Callable[[int], None], time: TimeSource) -> None:
        self._fire = fire
        self._time = time
        self._running: dict[int, _Running] = {}

    @property
    def running(self) -> int:
        """The number of timers that run."""
        return len(self._running)

    def start(self, timer: SetTimer) -> None:
        """Set a timer."""
        self._set(timer, self._time.time() + timer.delay_seconds)

    def clear(self, timer_id: int) -> None:
        """Remove a timer; an unknown id is no error."""
        running = self._running.pop(timer_id, None)
        if running is not None:
            running.handle.cancel()

    def clear_all(self) -> None:
        """Remove all timers."""
        for timer_id in list(self._running):
            self.clear(timer_id)

    def turn_done(self, timer_id: int) -> None:
        """Set an interval again after its turn: a slow handler does not fill the inbox."""
        running = self._running.pop(timer_id, None)
        if running is not None and running.timer.repeat:
            due = next_due(running.handle.when(), running.timer.delay_seconds, self._time.time())
            self._set(running.timer, due)

    def _set(self, timer: SetTimer, due: float) -> None:
        self.clear(timer.timer_id)
        handle = self._time.call_at(due, self._fire, timer.timer_id)
        self._running[timer.timer_id] = _Running(handle=handle, timer=timer)


def next_due(due: float, every: float, now: float) -> float:
    """Return the next time of an interval that was due at `due`, in seconds of any one clock.

    The rate is fixed: a late or long turn does not move the ones after it, and missed times are skipped.
    """
    missed = max(now - due, 0.0) // every
    return due + (missed + 1) * every
