"""The pace of reading: calls are spread over a round, and rounds slow down while the platform refuses for load."""

from typing import Final

from bot.process import Clock

SLOWEST: Final = 16
"""The factor by which rounds slow down at most."""

LONGEST_HOLD_S: Final = 300.0
"""The platform may ask for a longer pause; nobody may stay unheard of for that long."""

_SPREAD: Final = 0.8
"""The part of a round over which its calls are spread: the rest is for rows that have come since."""

_SOON_S: Final = 0.001
_LONGEST_GAP_S: Final = 0.5
"""Few calls need no spreading: they would only be late."""

_FIRST_HOLD_S: Final = 2.0
_LEAST_SLOW_GAP_S: Final = 0.25


class Pace:
    """The moments of calls, on the monotonic clock; `interval_s` is that between the beginnings of two rounds."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._slowness = 1
        self._gap_s = 0.0
        self._expected = 0
        self._next_at = 0.0
        self._held_until = 0.0
        self._was_refused = False

    @property
    def interval_s(self) -> float:
        """Return the seconds from the beginning of a round to that of the next one."""
        return self._seconds * self._slowness

    @property
    def is_slow(self) -> bool:
        """Return whether rounds are slower than the setting."""
        return self._slowness > 1

    def begin(self, calls: int) -> None:
        """Begin a round of so many calls, as far as they are known beforehand."""
        self._was_refused = False
        self._gap_s = self.interval_s * _SPREAD / calls if calls else 0.0
        self._next_at = self._clock.monotonic()

    async def turn(self, *, is_expected: bool = True) -> None:
        """Wait until the next call is due. One that the round did not expect goes at once, unless rounds are slow.

        Where there were few pages, a gap is long: spread by it, a burst of new rows would take as many rounds as pages.
        """
        due_at = now = self._clock.monotonic()
        if is_expected or self.is_slow:
            due_at = max(now, self._next_at)
            self._next_at = due_at + (self._gap_s if is_expected else _LEAST_SLOW_GAP_S)
        while (wait := max(due_at, self._held_until) - now) > _SOON_S:
            await self._clock.sleep(wait)
            now = self._clock.monotonic()

    def refused(self, retry_after: float | None) -> None:
        """Slow down: the platform refused a call for load. Refusals of calls that were under way count once."""
        now = self._clock.monotonic()
        if now >= self._held_until:
            self._slowness = min(2 * self._slowness, SLOWEST)
            self._gap_s = max(2 * self._gap_s, _LEAST_SLOW_GAP_S)
        self._was_refused = True
        hold_s = _FIRST_HOLD_S * self._slowness if retry_after is None else retry_after
        self._held_until = max(self._held_until, now + min(hold_s, LONGEST_HOLD_S))

    def end(self) -> None:
        """End a round; one without a refusal lets the next be faster."""
        if not self._was_refused:
            self._slowness = max(1, self._slowness // 2)
