"""The grammar of commands: arguments know how to read themselves and how to be written in a usage line.

A verb lists its arguments in the order in which they are typed. `read` walks that list over the text once,
left to right, and gives the values by name; whatever does not fit becomes a UsageProblem with one sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from bot.mrkdwn import code
from bot.slack_text import UnclosedQuote, first_word, unwrapped
from bot.verbs.errors import UsageProblem

AS_IS: Final = "\0"
"""Stands before data that is taken exactly as it is: no option is looked for in it. Nobody can type it."""

_SHOWN: Final = 80
_SESSION_ID: Final = re.compile(r"(?P<kind>#|s|h)?(?P<number>[0-9]{1,100})", re.IGNORECASE)


@dataclass(frozen=True)
class SessionRef:
    """A session as it was typed: by our number (`7`, `#7`, `s7`) or the platform's (`h4202753936`)."""

    number: int
    of_platform: bool = False

    def __str__(self) -> str:
        return f"h{self.number}" if self.of_platform else f"#{self.number}"


class Argument(Protocol):
    """One place in a command."""

    @property
    def name(self) -> str:
        """The name of its value."""

    @property
    def usage(self) -> str:
        """How it is written in a usage line."""

    def read(self, text: str) -> tuple[Any, str]:
        """Take its value from the front of `text`; give the value and the untouched rest."""


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
        """Take the word."""
        word, rest = _first(text)
        if word is None and not self.optional:
            msg = f"The {self.name} is missing."
            raise UsageProblem(msg)
        return word, rest


@dataclass(frozen=True)
class Id:
    """The id of one session."""

    name: str = "id"
    usage: str = "<id>"

    def read(self, text: str) -> tuple[SessionRef, str]:
        """Take the id."""
        word, rest = _first(text)
        if word is None:
            msg = "The session's id is missing; `list` shows the open ones."
            raise UsageProblem(msg)
        ref = session_ref(word)
        if ref is None:
            raise UsageProblem(f"{code(word, _SHOWN)} is not a session's id; an id is a number such as `7`.")
        return ref, rest


@dataclass(frozen=True)
class Ids:
    """The ids of one or more sessions, by spaces or commas; what follows is not an id."""

    name: str = "ids"
    usage: str = "<id>…"

    def read(self, text: str) -> tuple[tuple[SessionRef, ...], str]:
        """Take all leading ids."""
        first, rest = Id().read(_without_comma(text))
        refs = [first]
        while True:
            try:
                word, after = _first(_without_comma(rest))
            except UsageProblem:  # an odd quote belongs to the reason, which is taken as it is
                break
            ref = session_ref(word) if word is not None and rest.lstrip().startswith(word) else None
            if ref is None:  # in quotes it is a reason that begins with a number
                break
            if ref not in refs:
                refs.append(ref)
            rest = after
        return tuple(refs), rest


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
        """Take everything."""
        if not text.strip():
            if not self.optional:
                msg = f"The {self.name} is missing."
                raise UsageProblem(msg)
            return None, ""
        return unwrapped(text), ""


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


def session_ref(word: str) -> SessionRef | None:
    """Read a session's id, or None if the word is none."""
    match = _SESSION_ID.fullmatch(word)
    if match is None:
        return None
    return SessionRef(int(match["number"]), of_platform=(match["kind"] or "").casefold() == "h")


def _first(text: str) -> tuple[str | None, str]:
    try:
        word, rest = first_word(text)
    except UnclosedQuote as problem:
        raise UsageProblem(str(problem)) from None
    return word or None, rest


def _without_comma(text: str) -> str:
    """Let ids be separated by commas, as people list them."""
    text = text.lstrip()
    match = re.match(r"((?:#|s|h)?[0-9]{1,100}),+(?=[\s0-9#sh]|$)", text, re.IGNORECASE)
    return f"{match[1]} {text[match.end() :]}" if match else text
