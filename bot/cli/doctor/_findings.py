"""The findings of `session-bot doctor`: a line for each check, and what to do where something is wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """The severity of a finding: in order, worth a thought, or in the way of the bot's work."""

    ok = "ok"
    warning = "warning"
    problem = "problem"


@dataclass(frozen=True)
class Finding:
    """One line: `what` was checked, and `says`, its result with what to do if it is not in order."""

    level: Level
    what: str
    says: str


def ok(what: str, says: str) -> Finding:
    """Return a finding without objection."""
    return Finding(Level.ok, what, says)


def warning(what: str, says: str) -> Finding:
    """Return a finding that deserves a thought."""
    return Finding(Level.warning, what, says)


def problem(what: str, says: str) -> Finding:
    """Return a finding that keeps the bot from its work."""
    return Finding(Level.problem, what, says)
