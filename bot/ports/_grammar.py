"""The grammar of commands: each argument parses and writes its values, and writes itself in a usage line.

A verb lists its arguments in the order in which they are typed. `read` walks that list over the text once,
left to right, and returns the values by name; text that does not fit becomes a UsageProblem with one sentence. The
words of a value are for people and for the digest of an intent; they are never read back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.ports._errors import UsageProblem
from bot.text import UnclosedQuote, code, first_word, split_words, without_isolates

_SHOWN: Final = 80
_SPACE_OR_QUOTE: Final = frozenset(" \t\n\"'“”„‘’")  # noqa: RUF001 - bent quotes open a quoted word, too


@dataclass(frozen=True)
class Intent:
    """A verb with the values of its arguments: the frozen dataclass that the verb takes."""


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

    def of_words(self, words: Sequence[str]) -> Any:
        """Return its value from words that a shell took apart, which are all its own; there are none if left out."""

    def write(self, value: Any) -> str:
        """Return the words of a value; empty where it is left out."""


@dataclass(frozen=True)
class Word:
    """One word, or several in quotes; None when nothing is left."""

    name: str

    @property
    def usage(self) -> str:
        """`[name]`."""
        return f"[{self.name}]"

    def read(self, text: str) -> tuple[str | None, str]:
        """Read the word."""
        try:
            word, rest = first_word(text)
        except UnclosedQuote as problem:
            raise UsageProblem(str(problem)) from None
        return word or None, rest

    def of_words(self, words: Sequence[str]) -> str | None:
        """Return the word; a blank one is none."""
        return next((unquoted(each) for each in words if each.strip()), None)

    def write(self, value: str | None) -> str:
        """Return the word, in quotes where it needs them."""
        return "" if value is None else quoted(value)


@dataclass(frozen=True)
class Rest:
    """The rest of the line, untouched but for the isolate in which data is shown; None when nothing is left."""

    name: str

    @property
    def usage(self) -> str:
        """`[name]`."""
        return f"[{self.name}]"

    def read(self, text: str) -> tuple[str | None, str]:
        """Read everything."""
        return without_isolates(text) if text.strip() else None, ""

    def of_words(self, words: Sequence[str]) -> str | None:
        """Return everything."""
        return self.read(" ".join(words))[0]

    def write(self, value: str | None) -> str:
        """Return all of it but the spaces around it."""
        return (value or "").strip()


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


def unquoted(word: str) -> str:
    """Return a word of a shell without quotes around it, which the shell left there; all others mean themselves."""
    try:
        found = split_words(word)
    except UnclosedQuote:
        return word
    is_one = len(found) == 1 and (found[0].start, found[0].end) == (0, len(word))
    return found[0].text if is_one else word


def quoted(word: str) -> str:
    """Return a word, in quotes where it would be several without them."""
    return f'"{word}"' if not word or _SPACE_OR_QUOTE & set(word) else word
