"""The terminal of a person: output, questions, and the signals that end what runs there."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine, Iterable, Iterator
from typing import Any, Final, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from bot.cli._streams import Stream
from bot.text import harmless

_WIDTH_OF_FILES: Final = 100
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def console_on(stream: TextIO, columns: int = _WIDTH_OF_FILES) -> Console:
    """Return a console whose only escape sequences are its own colours; without a terminal it has these `columns`."""
    file = stream.styled if isinstance(stream, Stream) else stream
    return _HarmlessConsole(file=file, highlight=False, width=None if stream.isatty() else columns)


class _HarmlessConsole(Console):
    """A console that draws markup of rich, but treats every given text as plain words."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments, with harmless texts."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(harmless(segment.text), segment.style)


async def until_interrupted(work: Coroutine[Any, Any, int], *, interrupted: int) -> int:
    """Do the work; on Ctrl-C, SIGTERM or a closed terminal cancel it and return `interrupted`."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for each in _ENDING:
        loop.add_signal_handler(each, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return interrupted


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Make these signals raise KeyboardInterrupt: the loop, which waits for a person's answer, hears none."""
    wakes = signal.set_wakeup_fd(-1)
    before = {each: signal.signal(each, signal.default_int_handler) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(wakes)


def agrees(question: str) -> bool:
    """Ask for confirmation where a person reads and answers; otherwise the answer is no."""
    terminal = next((each for each in (sys.stdout, sys.stderr) if each.isatty()), None)
    if terminal is None or not sys.stdin.isatty():
        return False
    with contextlib.suppress(KeyboardInterrupt), interruptible():
        console_on(terminal).print(Text(f"{question}? Type yes: "), end="")
        return sys.stdin.readline().strip().casefold() in {"y", "yes"}
    return False
