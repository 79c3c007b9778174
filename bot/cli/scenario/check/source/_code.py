"""The code of a source as tokens, with its brackets matched and the platform's events found in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.scenario.check.source._tokens import Kind, Token


@dataclass(frozen=True)
class Spot:
    """A place in a source; the line counts from 1."""

    source: str
    line: int


class Code:
    """The tokens of the source of this name."""

    def __init__(self, name: str, found: Sequence[Token]) -> None:
        self.tokens = found
        self._name = name
        self._closing = _closings(found)

    def spot(self, index: int) -> Spot:
        """Return the place of a token."""
        return Spot(self._name, self.tokens[index].line)

    def inside(self, opening: int) -> range:
        """Return the places between a bracket and its closing one."""
        return range(opening + 1, self._closing.get(opening, len(self.tokens)))

    def events(self, event: str) -> list[int]:
        """Return where `AppEvents.NAME`, `AppEvents["NAME"]` or `"Application.NAME"` ends."""
        found = []
        for index, token in enumerate(self.tokens):
            is_member = index > 1 and self.tokens[index - 2].is_name("AppEvents") and token.text == event
            is_named = is_member and (token.kind is Kind.string or self.tokens[index - 1].is_sign(".", "?."))
            if is_named or (token.kind is Kind.string and token.text == f"Application.{event}"):
                found.append(index)
        return found

    def registration(self, index: int) -> int | None:
        """Return the bracket of `addEventListener(` whose first argument ends here; None where this is none."""
        while index > 0 and not self.tokens[index].is_sign("("):
            if self.tokens[index].is_sign(",", ";", "{", "}"):
                return None
            index -= 1
        return index if index > 0 and self.tokens[index - 1].is_name("addEventListener", "on") else None


def _closings(found: Sequence[Token]) -> dict[int, int]:
    """Return the place of the closing bracket for the place of each opening one that is closed."""
    closings: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(found):
        while opened and token.depth <= found[opened[-1]].depth:
            closings[opened.pop()] = index
        if token.is_sign("(", "[", "{"):
            opened.append(index)
    return closings
