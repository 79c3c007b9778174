"""`python -m bot.cli.demo._child <seconds>`: `session-bot run` that ends with its parent, its clock put on by so much.

Its standard input is a pipe. A line `on 300` there puts the clock on by 300 s. The kernel closes the pipe when the
other end is gone, also after a SIGKILL, and that counts as a SIGTERM: the bot drains and ends.
"""

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

from bot.cli._run import run
from bot.cli._streams import STDIN, install
from bot.cli.demo._bot_process import PUT_ON
from bot.process import Clock


class AdvancedClock(Clock):
    """A clock ahead of the machine's: both of its hands are, as if so much time had passed."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead_s = ahead_s
        super().__init__()

    def monotonic(self) -> float:
        """Return seconds since some fixed moment, those that were put on included."""
        return super().monotonic() + self._ahead_s

    def put_on(self, seconds: float) -> None:
        """Put the clock on."""
        with self._looking:  # between the two hands' readings it would look like a clock that was set
            self._ahead_s += seconds

    def _wall(self) -> datetime:
        return super()._wall() + timedelta(seconds=self._ahead_s)


def _obey_stdin(clock: AdvancedClock) -> None:
    with open(STDIN, "rb", buffering=0, closefd=False) as lines:  # unbuffered: at the end nobody holds its lock
        for line in lines:
            word, _, seconds = line.decode().partition(" ")
            if word == PUT_ON:
                clock.put_on(float(seconds))
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    install()
    clock = AdvancedClock(float(sys.argv[1]))
    threading.Thread(target=_obey_stdin, args=[clock], name="tether", daemon=True).start()
    sys.exit(run(os.environ, Path.cwd(), clock))
