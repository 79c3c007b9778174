"""Options with dashes, between the words of a command and its untouched data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports._errors import UsageProblem
from bot.text import DURATION_FORMS, code, duration, typed_duration, without_isolates

_SHOWN: Final = 40


@dataclass(frozen=True)
class DurationOption:
    """A duration after `--name`, `name=`, or the long dash that phones make of two; None where it is left out."""

    name: str

    @property
    def usage(self) -> str:
        """`[--name 30m]`."""
        return f"[--{self.name} 30m]"

    def read(self, text: str) -> tuple[timedelta | None, str]:
        """Read the option if it is there; the rest stays untouched."""
        dashed = rf"(?:--|[—–]){self.name}(?:(?:=|\s+)(\S+))?"
        found = re.match(rf"\s*(?:{dashed}|{self.name}=(\S*))(?:\s|$)", text, re.IGNORECASE)
        if found is None:
            return None, text
        return self._length(found[1] or found[2] or "", found[0].strip()), text[found.end() :]

    def of_words(self, words: Sequence[str]) -> timedelta | None:
        """Return the duration, which stands there without the option's name."""
        return self._length(words[0], f"--{self.name} {words[0]}") if words else None

    def write(self, value: timedelta | None) -> str:
        """Return the option."""
        return "" if value is None else f"--{self.name} {typed_duration(value)}"

    @staticmethod
    def _length(text: str, typed: str) -> timedelta:
        given = duration(text)
        if given is None:
            was = code(typed, _SHOWN)
            raise UsageProblem(f"{was} needs a duration such as {DURATION_FORMS}, so nothing was done.")
        return given


@dataclass(frozen=True)
class VerbatimOption:
    """The rest of the line behind `--name`, or the long dash that phones make of two; None where it is left out.

    One space or line break parts them, and everything behind that is the text: quotes and further spaces as well.
    """

    name: str

    @property
    def usage(self) -> str:
        """`[--name …]`."""
        return f"[--{self.name} …]"

    def read(self, text: str) -> tuple[str | None, str]:
        """Read the option with all that follows it, if it is there."""
        found = re.match(rf"\s*(?:--|[—–]){self.name}(?:=|\s|\Z)", text, re.IGNORECASE)
        if found is None:
            return None, text
        return without_isolates(text[found.end() :]), ""

    def of_words(self, words: Sequence[str]) -> str | None:
        """Return the one word of a shell, in which quotes mean themselves."""
        return words[0] if words else None

    def write(self, value: str | None) -> str:
        """Return the option, and the text to the letter."""
        return "" if value is None else f"--{self.name} {value}"
