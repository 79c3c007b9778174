"""The platform's moments as moments of our clock."""

from datetime import datetime, timedelta
from typing import Final

from bot.process import RemoteClock

_STEADY: Final = timedelta(seconds=2)
"""The platform's clock is learnt from whole seconds: a smaller difference is none."""


class BeatClock:
    """Translates the platform's moments: the same moment into the same, so that beats keep their order."""

    def __init__(self, platform: RemoteClock) -> None:
        self._platform = platform
        self._ahead: timedelta | None = None

    def ours(self, told: datetime) -> datetime:
        """Return a moment of the platform's as one of ours, never in the future."""
        now = self._platform.ours.now()
        ahead = now - self._platform.now()
        if self._ahead is None or abs(ahead - self._ahead) > _STEADY:
            self._ahead = ahead
        return min(told + self._ahead, now)
