"""The syntax of a scenario, looked at by the engine's own parser without running any of it."""

import re
from dataclasses import dataclass

import quickjs

_BEFORE = "throw 0;"  # a text is parsed whole before its first statement, this one, ends it
_PLACE = re.compile(r"<input>:(\d+):(\d+)")


@dataclass(frozen=True, kw_only=True)
class SyntaxProblem:
    """The first mistake of a scenario. Line and column count from 1; None where the parser does not know them."""

    text: str
    line: int | None
    column: int | None


def syntax_problem(source: str) -> SyntaxProblem | None:
    """Return the first mistake for which a scenario cannot be parsed as a script, or None."""
    try:
        quickjs.Context().eval(_BEFORE + source)
    except quickjs.StackOverflow:
        return SyntaxProblem(text="it is nested too deeply", line=None, column=None)
    except quickjs.JSException as error:
        kind, _, text = str(error).partition("\n")[0].partition(": ")
        if kind != "SyntaxError":
            return None
        place = _PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        if line == 1 and column is not None:
            column -= len(_BEFORE)
        return SyntaxProblem(text=text, line=line, column=column)
    return None
