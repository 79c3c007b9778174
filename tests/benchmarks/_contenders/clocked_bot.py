"""The bot by another clock than the machine's: see `_fast_clock`."""

import os
import sys
from pathlib import Path

from bot.cli._run import run
from tests.benchmarks._fast_clock import FastClock

if __name__ == "__main__":
    clock = FastClock()
    clock.listen()
    sys.exit(run(os.environ, Path.cwd(), clock))
