"""The record of a session: its log, its errors, its listeners, and what it asked for in vain."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from bot.sandbox._changes import Changes
from bot.sandbox.voximplant.engine._effects import Failure, Listen, Note
from bot.sandbox.voximplant.engine._source import Place, SourceMap

T = TypeVar("T")

LOG_LINES_MAX, LOG_LINE_LENGTH_MAX, LOG_LENGTH_MAX = 10_000, 10_000, 4_000_000  # in memory; what is over is dropped
ENTRIES_MAX = 1_000  # of errors, of listeners, and of names
LOAD = "load"  # the turn in which a scenario is evaluated


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of the session's log."""

    at: datetime
    text: str = field(repr=False)  # the scenario may have written its URL


class ErrorKind(StrEnum):
    """The way in which an error came to light."""

    SYNTAX = "syntax error"
    UNCAUGHT = "uncaught error"
    REJECTION = "unhandled rejection"
    INTERRUPTED = "ran too long"


@dataclass(frozen=True, kw_only=True)
class ScenarioError:
    """An error that the scenario did not catch.

    `during` is the turn's event (`Application.Started`, `Call.Connected`), or `load`, `timer` or `answer`. `places`
    begin with the innermost; `line` is the scenario's line at that place, for a syntax error.
    """

    at: datetime
    kind: ErrorKind
    text: str = field(repr=False)
    places: tuple[Place, ...]
    during: str
    line: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A listener was added to an event, or removed from it: by its name, and where and when."""

    at: datetime
    event: str
    place: Place | None
    during: str
    is_removal: bool


@dataclass(frozen=True, kw_only=True)
class NotSimulated:
    """The scenario asked for a name that is a stand-in, or (`is_known` false) that the typings do not have."""

    at: datetime
    name: str
    place: Place | None
    is_known: bool


class Record:
    """All that is known of a session's run. Its texts may hold the session's URL: they stay in memory."""

    def __init__(self, clock: Callable[[], datetime], places: SourceMap, changes: Changes | None = None) -> None:
        self._clock = clock
        self._changes = changes or Changes()
        self._places = places
        self._log_length = 0
        self.log_lines: list[LogLine] = []
        self.errors: list[ScenarioError] = []
        self.listeners: list[Listener] = []
        self.not_simulated: list[NotSimulated] = []

    def write(self, text: str) -> None:
        """Add a line to the log, cut to its length; a log that is full stays as it is."""
        line = text[:LOG_LINE_LENGTH_MAX]
        if len(self.log_lines) < LOG_LINES_MAX and self._log_length + len(line) <= LOG_LENGTH_MAX:
            self._log_length += len(line)
            self.log_lines.append(LogLine(at=self._clock(), text=line))
            self._changes.notify()

    def failed(self, failure: Failure, during: str) -> None:
        """Record an error, and write it into the log with its places."""
        text, places, kind = failure.text, self._places.places(failure.stack), ErrorKind.UNCAUGHT
        if failure.is_rejection:
            kind, text = ErrorKind.REJECTION, f"Unhandled rejection: {text}"
        elif failure.is_interrupted:
            kind = ErrorKind.INTERRUPTED
        elif during == LOAD and self._places.is_syntax_error(text, failure.stack):
            kind = ErrorKind.SYNTAX
        line = self._places.line(places[0]) if kind is ErrorKind.SYNTAX and places else None
        error = ScenarioError(at=self._clock(), kind=kind, text=text, places=places, during=during, line=line)
        _append(self.errors, error)
        self.write("\n    at ".join([text, *map(str, places)]))

    def listened(self, listen: Listen, during: str) -> None:
        """Record that a listener was added or removed."""
        listener = Listener(
            at=self._clock(),
            event=listen.event,
            place=self.place(listen.stack),
            during=during,
            is_removal=listen.is_removal,
        )
        _append(self.listeners, listener)

    def missed(self, note: Note) -> None:
        """Record a name that the sandbox does not simulate, and write it into the log."""
        place = self.place(note.stack)
        entry = NotSimulated(at=self._clock(), name=note.name, place=place, is_known=note.is_known)
        _append(self.not_simulated, entry)
        what = "not simulated" if note.is_known else "no such name in the typings"
        self.write(f"{what}: {note.name}, {self._places.shown(place)}")

    def place(self, stack: str) -> Place | None:
        """Return the innermost place of a stack that is in a scenario."""
        places = self._places.places(stack)
        return places[0] if places else None


def _append(entries: list[T], entry: T) -> None:
    if len(entries) < ENTRIES_MAX:
        entries.append(entry)


def error_location(error: Exception) -> str:
    """Return the kind of an error and its place in the script; its text may hold the session's URL."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {frame.name}, line {frame.lineno}"
