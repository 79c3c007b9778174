"""Options with dashes, between the words of a command and its untouched data."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports._errors import UsageProblem
from bot.text import DURATION_FORMS, code, duration

_SHOWN: Final = 40


@dataclass(frozen=True)
class DurationFlag:
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
        given = duration(found[1] or found[2] or "")
        if given is None:
            was = code(found[0].strip(), _SHOWN)
            raise UsageProblem(f"{was} needs a duration such as {DURATION_FORMS}, so nothing was done.")
        return given, text[found.end() :]
