"""The scenarios of a session as text, and the places in them that JavaScript's stacks name."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.sandbox.voximplant.engine._shim import shim_lines

_FRAME = re.compile(r"^ +at (?:(?P<function>.*) \()?<input>:(?P<line>\d+):(?P<column>\d+)\)?$", re.MULTILINE)
_REDECLARED = re.compile(r"SyntaxError: redeclaration of '(?P<name>[^']+)'")
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)  # no `https://` in a text
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
        text = "\n" * self._starts[number] + self._sources[number].text
        return text.encode("utf-8", "replace").decode("utf-8")  # half a surrogate pair is no text

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

    def line(self, place: Place) -> str:
        """Return the text of a place's line; empty for a place outside of its scenario."""
        text = next((each.text for each in self._sources if each.name == place.scenario), "")
        lines = text.split("\n")
        return lines[place.line - 1].rstrip("\r") if place.line <= len(lines) else ""

    def shown(self, place: Place | None) -> str:
        """Return a place's line in words; with its scenario where there are several."""
        if place is None:
            return "line unknown"
        return f"line {place.line}" if len(self._sources) == 1 else f"line {place.line} of {place.scenario}"

    def is_syntax_error(self, text: str, stack: str) -> bool:
        """Return whether an error kept a scenario from being evaluated, and did not come up in its run."""
        return text.startswith("SyntaxError") and "<eval>" not in stack and "(native)" not in stack

    def unnamed(self, number: int, text: str) -> tuple[str, str] | None:
        """Return text and stack of a mistake for which JavaScript names no place: it is looked for.

        That is a name that an earlier scenario has declared, and a NUL, as in a file that is no text.
        """
        source = self._sources[number].text
        if "\0" in source:
            return "SyntaxError: a NUL in the source, which is no text", self._frame(number, source.index("\0"))
        redeclared = _REDECLARED.match(text)
        if redeclared is None:
            return None
        places = [_declaration(redeclared["name"], each.text) for each in self._sources]
        before = next((each for each, at in enumerate(places[:number]) if at is not None), None)
        where = "" if before is None else f", which {self._place(before, places[before] or 0)} declares already"
        return text + where, self._frame(number, places[number] or 0)

    def _place(self, number: int, at: int) -> Place:
        text = self._sources[number].text
        line = text.count("\n", 0, at) + 1
        return Place(scenario=self._sources[number].name, line=line, column=at - text.rfind("\n", 0, at))

    def _frame(self, number: int, at: int) -> str:
        place = self._place(number, at)
        return f"    at <input>:{self._starts[number] + place.line}:{place.column}"


def _declaration(name: str, text: str) -> int | None:
    """Return the position of a name's declaration in a scenario, found by its looks; None where none is found."""
    code = _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)
    word = rf"(?<![\w$.]){re.escape(name)}(?![\w$])"
    plain = re.search(rf"\b(?:let|const|class|var|function\*?)\s+{word}", code)
    found = plain or re.search(
        rf"\b(?:let|const|var)\b[^;]{{0,500}}?{word}", code
    )  # one of several, or taken out of an object
    return None if found is None else found.start()


def split_stack(text: str) -> tuple[str, str]:
    """Return an error's own text, and the stack that JavaScript appends to it."""
    stack = _STACK.search(text)
    return (text, "") if stack is None else (text[: stack.start()], stack[0])
