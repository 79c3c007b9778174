"""`session-bot run` on a host whose wall clock is wrong by some seconds: the first argument."""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli._run import run
from bot.process import Clock


class SkewedClock(Clock):
    """The machine's clock, set wrong."""

    def __init__(self, by: timedelta) -> None:
        self._by = by
        super().__init__()

    def _wall(self) -> datetime:
        return super()._wall() + self._by


def set_wrong(by_s: float) -> None:
    """Set the time of this process wrong for all that reads it, as on such a host."""
    right = time.time
    time.time = lambda: right() + by_s


if __name__ == "__main__":
    set_wrong(float(sys.argv[1]))
    sys.exit(run(os.environ, Path.cwd(), SkewedClock(timedelta(seconds=float(sys.argv[1])))))
