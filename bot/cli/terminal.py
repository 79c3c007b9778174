"""The terminal that the demo and the sandbox run at: what is typed there, what is shown, and how it ends them."""

import asyncio
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import Any, Final, TextIO

from rich.console import Console

_WIDTH_OF_FILES: Final = 100
_STDIN: Final = 0


def console_on(stream: TextIO) -> Console:
    """Make a console; a stream that cannot show a character shows a question mark."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    return Console(file=stream, highlight=False, width=None if stream.isatty() else _WIDTH_OF_FILES)


def standard_input() -> int:
    """Give the descriptor to read from; where standard input was closed, one that has nothing."""
    return _STDIN if sys.stdin else os.open(os.devnull, os.O_RDONLY)


async def unless_told_to_stop(work: Coroutine[Any, Any, int], *, interrupted: int) -> int:
    """Do the work; on Ctrl-C, SIGTERM or a closed terminal take everything down and give `interrupted`."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return interrupted


def typed_lines(descriptor: int) -> "asyncio.Queue[str | None]":
    """Read lines in a thread; None after the last.

    asyncio cannot wait for files, and a thread that is inside `sys.stdin` when the process ends brings the
    interpreter down with it: therefore the bare descriptor and a daemon. A process in the background of a
    terminal would be halted by reading; told to ignore that, it reads nothing instead.
    """
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def put(line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody reads any more
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        rest = b""
        with contextlib.suppress(OSError):  # the terminal was closed: the end of input, too
            while chunk := os.read(descriptor, 4096):
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    put(line.decode(errors="replace").strip())
        if rest:
            put(rest.decode(errors="replace").strip())
        put(None)

    threading.Thread(target=read, name="typed-lines", daemon=True).start()
    return lines
