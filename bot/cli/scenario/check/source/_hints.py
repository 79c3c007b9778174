"""Hints at mistakes that the parser names by their consequence only."""

from itertools import pairwise

from bot.cli.scenario.check.source._tokens import tokens


def syntax_hint(source: str, line: int | None, column: int | None) -> str | None:
    """Return what is wrong where a source that is JavaScript does not parse; None where the parser's word is enough."""
    if source.startswith("#!"):
        return "it begins with #!, a line for a shell, which is no part of a scenario"
    for before, token in pairwise(tokens(source)):
        if (token.line, token.column) == (line, column) and before.is_name("await"):
            return "await stands outside an async function: the top of a scenario is none"
    return None
