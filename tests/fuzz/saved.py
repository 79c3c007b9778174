"""The saved inputs of the readers: a line of JSON each, kept because it broke its reader or led to lines of its own."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

CORPUS: Final = Path(__file__).parent / "corpus"
_BOT: Final = str(Path(__file__).parents[2] / "bot")
_LONGEST: Final = 1_000
"""Characters of a line: what a person can read. What broke its reader is kept at any length."""

Line = tuple[str, int]


def saved(reader: str) -> list[Any]:
    """Return the saved inputs of a reader."""
    file = _file(reader)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def names() -> set[str]:
    """Return the names of the files that there are."""
    return {each.stem for each in CORPUS.glob("*.jsonl")}


def stem(reader: str) -> str:
    """Return the name of a reader's file."""
    return reader.replace(",", "").replace(" ", "-")


class Keeping:
    """Keeps the inputs of one reader that reach lines of the bot which none before has reached."""

    def __init__(self, reader: str, read: Callable[[Any], object]) -> None:
        self._reader = reader
        self._read = read
        self._lines: set[Line] = set()
        self._kept = {json.dumps(each) for each in saved(reader)}
        for each in saved(reader):
            self(each)

    def __call__(self, given: Any) -> None:
        """Read one input, and keep it where it is new or breaks the reader."""
        reached: set[Line] = set()
        try:
            with _traced(reached):
                self._read(given)
        except BaseException:
            self._keep(given, most=None)
            raise
        if not reached <= self._lines:
            self._lines |= reached
            self._keep(given, most=_LONGEST)

    def _keep(self, given: Any, *, most: int | None) -> None:
        line = json.dumps(given)
        if line not in self._kept and (most is None or len(line) <= most):
            self._kept.add(line)
            CORPUS.mkdir(exist_ok=True)
            with _file(self._reader).open("a") as file:
                file.write(f"{line}\n")


def _file(reader: str) -> Path:
    return CORPUS / f"{stem(reader)}.jsonl"


@contextmanager
def _traced(reached: set[Line]) -> Iterator[None]:
    """Collect the lines of the bot that are run meanwhile in this thread."""

    def trace(frame: FrameType, event: str, _: object) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_BOT):
            return None
        if event == "line":
            reached.add((file, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)
