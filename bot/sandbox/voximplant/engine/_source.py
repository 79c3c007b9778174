"""The scenarios of a session as text, and the places in them that JavaScript's stacks name."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.sandbox.voximplant.engine._shim import shim_lines

_FRAME = re.compile(r"^ +at (?:(?P<function>.*) \()?<input>:(?P<line>\d+):(?P<column>\d+)\)?$", re.MULTILINE)
_STACK = re.compile(r"(?:\n {4}at [^\n]+)+\n?\Z")


@dataclass(frozen=True)
class Source:
    """One scenario of a rule: its name, and its JavaScript."""

    name: str
    text: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a scenario; line and column are counted from 1."""

    scenario: str
    line: int
    column: int
    function: str = ""

    def __str__(self) -> str:
        """Return it in the form of a stack's frame."""
        where = f"{self.scenario}:{self.line}:{self.column}"
        return f"{self.function} ({where})" if self.function else where


class SourceMap:
    """Counts the lines of all scripts of a context on from one another: every script has the same name there."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._starts = []
        lines = shim_lines()
        for source in sources:
            self._starts.append(lines)
            lines += source.text.count("\n") + 1

    def script(self, number: int) -> str:
        """Return the text to evaluate of a source, by its place in the order from 0."""
        return "\n" * self._starts[number] + self._sources[number].text

    def places(self, stack: str) -> tuple[Place, ...]:
        """Return the places in the scenarios that a stack names, the innermost first; the sandbox's own are left out.

        A text that a scenario evaluates itself has no place: its lines are counted from 1.
        """
        found = []
        for frame in _FRAME.finditer(stack):
            line = int(frame["line"])
            number = bisect_right(self._starts, line - 1) - 1
            if number >= 0:
                place = Place(
                    scenario=self._sources[number].name,
                    line=line - self._starts[number],
                    column=int(frame["column"]),
                    function=frame["function"] or "",
                )
                found.append(place)
        return tuple(found)


def split_stack(text: str) -> tuple[str, str]:
    """Return an error's own text, and the stack that JavaScript appends to it."""
    stack = _STACK.search(text)
    return (text, "") if stack is None else (text[: stack.start()], stack[0])
