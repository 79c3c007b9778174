"""Lines that are typed at a terminal, or come through a pipe; at a terminal output stands above the line being typed.

The kernel's own line editing knows nothing of output, which then tears a half-typed line apart. So the terminal hands
over each key, and the line is drawn here: by one reader in the event loop, below whatever is printed.
"""

import asyncio
import codecs
import contextlib
import os
import re
import signal
import termios
import threading
import tty
from collections.abc import Iterator
from typing import Final

from rich.console import Console

_KEYS: Final = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?|.", re.DOTALL)
_ERASE: Final = "\r\x1b[K"
_ENTER: Final = frozenset("\r\n")
_BACKSPACE: Final = frozenset("\x7f\b")
_END: Final = "\x04"
_WHOLE_LINE: Final = "\x15"
_LAST_WORD: Final = "\x17"


class TypedLines:
    """The lines, one after another; None after the last. `prompt` stands before the line that is being typed."""

    def __init__(self, console: Console, descriptor: int) -> None:
        self._console = console
        self._descriptor = descriptor
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""
        self._is_drawn = False
        self.prompt = ""
        can_draw = console.is_terminal and not console.is_dumb_terminal
        self.is_terminal = can_draw and os.isatty(descriptor) and not _is_background_of(descriptor)

    async def next(self) -> str | None:
        """Wait for the next line; None is the end of input, and stays so."""
        line = await self._lines.get()
        if line is None:
            self._lines.put_nowait(None)
        return line

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Read lines until the end of this context, and leave the terminal as it was."""
        if not self.is_terminal:
            threading.Thread(target=self._read_pipe, args=[asyncio.get_running_loop()], daemon=True).start()
            yield
            return
        loop, before = asyncio.get_running_loop(), termios.tcgetattr(self._descriptor)
        self._take_keys()
        loop.add_reader(self._descriptor, self._read_keys)
        loop.add_signal_handler(signal.SIGCONT, self._take_keys)
        try:
            yield
        finally:
            loop.remove_reader(self._descriptor)
            loop.remove_signal_handler(signal.SIGCONT)
            with contextlib.suppress(termios.error):  # the terminal is closed
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, before)
            self._console.file.write(_ERASE)

    @contextlib.contextmanager
    def above(self) -> Iterator[None]:
        """Print in this context: it comes above the line that is being typed."""
        if self._is_drawn:
            self._console.file.write(_ERASE)
        yield
        self._draw()

    def _take_keys(self) -> None:
        tty.setcbreak(self._descriptor, termios.TCSADRAIN)  # what was typed before stays typed
        self._draw()

    def _draw(self, *, ends: bool = False) -> None:
        """Draw the line: its end, where it is longer than the terminal is wide; all of it once it `ends`."""
        if not self.is_terminal:
            return
        room = self._console.width - len(self.prompt) - 1
        shown = self._typed if ends else self._typed[-max(room, 1) :]
        self._console.file.write(f"{_ERASE}{self.prompt}{shown}" + ("\n" if ends else ""))
        self._console.file.flush()
        self._is_drawn = not ends

    def _read_keys(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except OSError:  # the terminal was closed: the end of input, too
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._lines.put_nowait(None)
            return
        for key in _KEYS.findall(self._decoder.decode(data)):
            self._press(key)
        self._draw()

    def _press(self, key: str) -> None:
        if key in _ENTER:
            self._draw(ends=True)
            self._lines.put_nowait(self._typed.strip())
            self._typed = ""
        elif key in _BACKSPACE:
            self._typed = self._typed[:-1]
        elif key == _WHOLE_LINE:
            self._typed = ""
        elif key == _LAST_WORD:
            self._typed = re.sub(r"\S*\s*$", "", self._typed)
        elif key == _END and not self._typed:
            self._lines.put_nowait(None)
        elif key.isprintable():
            self._typed += key

    def _read_pipe(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read what is no terminal, in a thread, since asyncio cannot wait for files.

        A thread that is inside `sys.stdin` when the process ends brings the interpreter down with it: therefore the
        bare descriptor and a daemon. In the background of a terminal reading would halt the process; with that signal
        ignored, it reads nothing instead.
        """
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN})
        rest = b""
        with contextlib.suppress(OSError, RuntimeError):  # the terminal was closed, or the loop: nobody reads any more
            while chunk := os.read(self._descriptor, 4096):
                *whole, rest = (rest + chunk).split(b"\n")
                for line in whole:
                    loop.call_soon_threadsafe(self._lines.put_nowait, line.decode(errors="replace").strip())
            if rest:
                loop.call_soon_threadsafe(self._lines.put_nowait, rest.decode(errors="replace").strip())
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._lines.put_nowait, None)


def _is_background_of(terminal: int) -> bool:
    try:
        return os.tcgetpgrp(terminal) != os.getpgrp()
    except OSError:  # it controls no processes: nobody else has its keys
        return False
