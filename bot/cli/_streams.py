"""Standard input, output and error of this process: output is harmless, and a lost reader changes no outcome.

A reader may be gone (`| head`), the disk full, or the descriptor closed (`>&-`). The effect of a command on a session
stays the same, and its exit code reports the effect, not the fate of the output.
"""

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING, Final

from bot.cli._exit_codes import ExitCode
from bot.text import harmless

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2

_GONE: Final = frozenset({errno.EPIPE, errno.ECONNRESET, errno.EIO})
"""A pipe, a socket, a terminal whose other end is closed."""


class _Descriptor(io.FileIO):
    """A descriptor that keeps its failure in `lost` instead of raising it; after one, nothing more is written to it."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self.lost: OSError | None = None

    def write(self, data: "ReadableBuffer", /) -> int:
        """Write, or discard after a failure."""
        try:
            while self.lost is None:
                if (written := super().write(data)) is not None:
                    return written
                select.select([], [self], [])  # somebody made it non-blocking, and it is full
        except OSError as problem:
            self.lost = problem
        return memoryview(data).nbytes


class Stream(io.TextIOWrapper):
    """A standard stream that accepts every text: made harmless, with signs in place of unencodable characters.

    `styled` is the same stream for what a console draws, whose colours are escape sequences of our own.
    """

    def __init__(self, number: int, encoding: str) -> None:
        self._descriptor = _Descriptor(number)
        at_once = number == _STDERR or self._descriptor.isatty()
        buffer = io.BufferedWriter(self._descriptor)
        super().__init__(buffer, encoding, "backslashreplace", line_buffering=at_once, write_through=True)
        self.styled = io.TextIOWrapper(buffer, encoding, "replace", line_buffering=at_once, write_through=True)

    def write(self, text: str, /) -> int:
        """Write the text, made harmless."""
        super().write(harmless(text))
        return len(text)

    def lost(self) -> str | None:
        """Return the reason why output was lost; None where it was not, or where nobody reads."""
        self.flush()
        problem = self._descriptor.lost
        return None if problem is None or problem.errno in _GONE else problem.strerror


def install() -> None:
    """Replace Python's standard streams by these, before anything is opened.

    A closed descriptor would be reused by the next file: by the database, say. It leads to nothing instead.
    """
    for number in (STDIN, _STDOUT, _STDERR):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
    if sys.stdin is None:
        sys.stdin = open(STDIN, closefd=False, encoding="utf-8")  # noqa: SIM115 - as long as the process
    sys.stdout, sys.stderr = (
        Stream(number, "utf-8" if before is None else before.encoding)
        for number, before in ((_STDOUT, sys.stdout), (_STDERR, sys.stderr))
    )


def shown(code: int) -> int:
    """Return the exit code of a command that only shows: 2 where standard output was lost, else `code`."""
    return ExitCode.nothing_done if code == 0 and _lost() is not None else code


def report_lost_output() -> None:
    """Write on standard error that standard output lost a part, if somebody wanted to read it."""
    if (why := _lost()) is not None:
        sys.stderr.write(f"Not everything could be written to standard output: {why}.\n")


def _lost() -> str | None:
    return sys.stdout.lost() if isinstance(sys.stdout, Stream) else None
