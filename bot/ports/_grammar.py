"""The grammar of commands: each argument parses itself and writes itself in a usage line.

A verb lists its arguments in the order in which they are typed. `read` walks that list over the text once,
left to right, and returns the values by name; text that does not fit becomes a UsageProblem with one sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.ports._errors import UsageProblem
from bot.text import UnclosedQuote, code, first_word, without_isolates

AS_IS: Final = "\0"
"""Stands before data that is taken exactly as it is: no option is looked for in it. Nobody can type it."""

_SHOWN: Final = 80


class Argument(Protocol):
    """One argument of a command."""

    @property
    def name(self) -> str:
        """The name of its value."""

    @property
    def usage(self) -> str:
        """Its form in a usage line."""

    def read(self, text: str) -> tuple[Any, str]:
        """Read its value from the front of `text`; return the value and the untouched rest."""


@dataclass(frozen=True)
class Word:
    """One word, or several in quotes."""

    name: str
    optional: bool = False

    @property
    def usage(self) -> str:
        """`<name>`, or `[name]` where it may be left out."""
        return f"[{self.name}]" if self.optional else f"<{self.name}>"

    def read(self, text: str) -> tuple[str | None, str]:
        """Read the word."""
        word, rest = _first(text)
        if word is None and not self.optional:
            msg = f"The {self.name} is missing."
            raise UsageProblem(msg)
        return word, rest


@dataclass(frozen=True)
class Rest:
    """The rest of the line, untouched but for the isolate in which data is shown; None when nothing is left."""

    name: str
    optional: bool = True

    @property
    def usage(self) -> str:
        """`[name]`, or `<name>` where it is needed."""
        return f"[{self.name}]" if self.optional else f"<{self.name}>"

    def read(self, text: str) -> tuple[str | None, str]:
        """Read everything."""
        if not text.strip():
            if not self.optional:
                msg = f"The {self.name} is missing."
                raise UsageProblem(msg)
            return None, ""
        return without_isolates(text), ""


def read(arguments: Sequence[Argument], text: str) -> dict[str, Any]:
    """Read all arguments from `text` in their order.

    Raises UsageProblem with one sentence when a word is missing, wrong or too many.
    """
    values: dict[str, Any] = {}
    for argument in arguments:
        values[argument.name], text = argument.read(text)
    if text.strip():
        raise UsageProblem(f"{code(text.strip(), _SHOWN)} is more than this command takes.")
    return values


def _first(text: str) -> tuple[str | None, str]:
    try:
        word, rest = first_word(text)
    except UnclosedQuote as problem:
        raise UsageProblem(str(problem)) from None
    return word or None, rest
