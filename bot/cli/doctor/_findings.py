"""What `session-bot doctor` finds: a line for each thing it looked at, and what to do where something is wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How it is: in order, worth a thought, or in the way of the bot's work."""

    ok = "ok"
    warning = "warning"
    problem = "problem"


@dataclass(frozen=True)
class Finding:
    """One line: `what` was looked at, and what it `says`, with what to do if it is not in order."""

    level: Level
    what: str
    says: str


def ok(what: str, says: str) -> Finding:
    """Say that it is in order."""
    return Finding(Level.ok, what, says)


def warning(what: str, says: str) -> Finding:
    """Say that it deserves a thought."""
    return Finding(Level.warning, what, says)


def problem(what: str, says: str) -> Finding:
    """Say that it is in the way."""
    return Finding(Level.problem, what, says)
