"""The text of a scenario's file, or one sentence about what is wrong with it."""

import stat
from pathlib import Path
from typing import Final

from bot.text import harmless_line
from bot.voximplant import SCENARIO_SOURCE_BYTES

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with a file, as its sentence does
    """A file cannot be used; the text is one sentence."""


def read_text(path: Path, most_bytes: int = SCENARIO_SOURCE_BYTES) -> str:
    """Return the text of a file, without a byte order mark.

    Raises Unreadable for what is not there, no file or no text in UTF-8, and for more than `most_bytes`.
    """
    shown = harmless_line(str(path))
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise Unreadable(f"{shown} is a directory: name the files in it, in the rule's order.")
        if not stat.S_ISREG(mode):
            raise Unreadable(f"{shown} is no file.")
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
            size = file.seek(0, 2)
    except (OSError, ValueError) as problem:  # a name with a NUL is a ValueError
        why = getattr(problem, "strerror", None) or type(problem).__name__
        raise Unreadable(f"{shown} cannot be read: {why}.") from None
    if data.startswith(_UTF_16):
        raise Unreadable(f"{shown} is written in UTF-16: save it as UTF-8.")
    if b"\0" in data:
        raise Unreadable(f"{shown} is no text: it holds a NUL byte.")
    if len(data) > most_bytes:
        most = f"{SCENARIO_SOURCE_BYTES + 1:,}"
        raise Unreadable(f"{shown} has {size:,} bytes, and the platform takes less than {most}.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        byte = f"{data[problem.start]:#04x}"
        raise Unreadable(f"{shown} is no text in UTF-8: line {line} holds the byte {byte}.") from None
