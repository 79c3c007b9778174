"""`session-bot demo`: the bot in an embedded world, for a person or, with `--tour`, by itself."""

import asyncio
import io
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any, Final

from rich.console import Console

from bot.cli.prompt import stay
from bot.cli.tour import tour as play_tour

_WIDTH_OF_FILES: Final = 100


def demo(*, tour: bool) -> int:
    """Run the demo; give the exit code.

    The tour: 0 only if every step came out right. The demo: 0 when the person ends it, 1 when the bot dies.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a character shows a question mark
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH_OF_FILES)
    if tour:
        return asyncio.run(_unless_told_to_stop(play_tour(console), interrupted=1))
    typed = sys.stdin.fileno() if sys.stdin else os.open(os.devnull, os.O_RDONLY)  # None where it was closed
    code = asyncio.run(_unless_told_to_stop(stay(console, typed), interrupted=0))
    console.print("\nThe demo is over, and nothing of it is left.")
    return code


async def _unless_told_to_stop(work: Coroutine[Any, Any, int], *, interrupted: int) -> int:
    """Do the work; on Ctrl-C, SIGTERM or a closed terminal take everything down and give `interrupted`."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return interrupted
