"""Log lines that anyone outside can cause: at most one a minute, so that no log is flooded."""

import logging
import time
from collections.abc import Callable
from typing import Final

AGAIN_AFTER_S: Final = 60.0


class RateLimitedLog:
    """One kind of line. It is logged once a minute at most, with the number of suppressed ones."""

    def __init__(self, log: logging.Logger, level: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._level = level
        self._seconds = seconds
        self._said_at = -AGAIN_AFTER_S
        self._unsaid = 0

    def log(self, text: str) -> None:
        """Log the text, or count it as suppressed."""
        now = self._seconds()
        if self._said_at >= 0 and now - self._said_at < AGAIN_AFTER_S:
            self._unsaid += 1
            return
        more = f"; {self._unsaid} more like it since the last such line" if self._unsaid else ""
        self._said_at, self._unsaid = now, 0
        self._log.log(self._level, "%s%s", text, more)
