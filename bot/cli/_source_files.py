"""A scenario's file, read as the platform would take it, or refused in one sentence."""

import stat
from pathlib import Path
from typing import Final

from bot.text import harmless_line
from bot.voximplant import SCENARIO_SOURCE_BYTES

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


class UnusableFile(Exception):  # noqa: N818 - it says what is wrong with a file
    """A file cannot be used as a scenario; the text is one sentence."""


def read_source(path: Path) -> str:
    """Return the text of a scenario's file. Raises UnusableFile for what is no such text, or too much of it."""
    shown = harmless_line(str(path))
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UnusableFile(f"{shown} is a directory: name the files in it, in the order in which they run.")
        if not stat.S_ISREG(mode):
            raise UnusableFile(f"{shown} is not an ordinary file.")
        with path.open("rb") as file:
            data = file.read(SCENARIO_SOURCE_BYTES + 1)
    except (OSError, ValueError) as problem:  # a name with a NUL is a ValueError
        why = getattr(problem, "strerror", None) or "there can be no file of that name"
        raise UnusableFile(f"{shown} cannot be read: {why}.") from None
    if data.startswith(_UTF_16):
        raise UnusableFile(f"{shown} is written in UTF-16: save it as UTF-8.")
    if b"\0" in data:
        raise UnusableFile(f"{shown} is no text: it holds a NUL byte.")
    if len(data) > SCENARIO_SOURCE_BYTES:
        most = f"{SCENARIO_SOURCE_BYTES + 1:,}"
        raise UnusableFile(f"{shown} is too large: the platform takes a scenario of less than {most} bytes.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise UnusableFile(f"{shown} is no text in UTF-8: its line {line} holds other bytes.") from None
