"""The effects of one turn of a scenario: JSON text from the shim, parsed once into typed values.

The shim lives in the scenario's own context. A scenario can break that context and forge any text,
so every effect is checked against its shape.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

_DELAY_MS_MAX = 86_400_000  # a longer timer never fires within a sandbox's life
_DELAY_MS_MIN = 1


class UnreadableError(Exception):
    """The context's output has another shape than the shim's: the scenario has broken it."""


@dataclass(frozen=True)
class Log:
    """A line for the session's log."""

    text: str = field(repr=False)  # the scenario may have written its URL


@dataclass(frozen=True)
class Failure:
    """An error that the scenario did not catch; `text` is for the log, `stack` as JavaScript writes it."""

    text: str = field(repr=False)
    stack: str = field(repr=False)


@dataclass(frozen=True)
class Note:
    """The scenario asked for `name`: a stand-in, or (`is_known` false) no name of the platform's typings."""

    name: str
    stack: str = field(repr=False)
    is_known: bool = True


@dataclass(frozen=True)
class Ask:
    """A question to one of the session's services, whose answer the scenario waits for."""

    ask_id: int
    what: str
    question: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """The text that a handler of `AppEvents.HttpRequest` returned."""

    body: str = field(repr=False)


@dataclass(frozen=True)
class SetTimer:
    """A timer was set; a `repeat` one is an interval."""

    timer_id: int
    delay_seconds: float
    repeat: bool


@dataclass(frozen=True)
class ClearTimer:
    """A timer was cleared."""

    timer_id: int


@dataclass(frozen=True)
class Dial:
    """An outgoing call was placed."""

    call_id: str
    number: str
    caller_id: str


@dataclass(frozen=True)
class HangUp:
    """A call was hung up."""

    call_id: str


@dataclass(frozen=True)
class SetCustomData:
    """`VoxEngine.customData(text)` was called."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Terminate:
    """`VoxEngine.terminate()` was called."""


Effect: TypeAlias = (
    Log | Failure | Note | Ask | Answer | SetTimer | ClearTimer | Dial | HangUp | SetCustomData | Terminate
)


def read(text: object) -> list[Effect]:
    """Read the JSON text of a turn's effects, in their order (shapes: `engine/js/`).

    Raises UnreadableError.
    """
    if not isinstance(text, str):
        _unreadable()
    try:
        effects = json.loads(text, parse_constant=_unreadable)
    except (ValueError, RecursionError):
        _unreadable()
    if not isinstance(effects, list):
        _unreadable()
    return [_effect(effect) for effect in effects]


def _effect(entry: object) -> Effect:  # noqa: PLR0911 - one return for each kind of effect
    match entry:
        case {"kind": "log", "text": str(text)}:
            return Log(text)
        case {"kind": "failure", "text": str(text), "stack": str(stack)}:
            return Failure(text, stack)
        case {"kind": "note", "name": str(name), "stack": str(stack), "known": bool(is_known)}:
            return Note(name, stack, is_known)
        case {"kind": "answer", "body": str(body)}:
            return Answer(body)
        case {"kind": "customData", "text": str(text)}:
            return SetCustomData(text)
        case {"kind": "terminate"}:
            return Terminate()
        case _:
            return _resource(entry)


def _resource(entry: object) -> Effect:
    """Return the effect on something that lives outside the context."""
    match entry:
        case {"kind": "timer", "id": int(timer_id), "delay": int() | float() | None as delay, "repeat": bool(repeat)}:
            return SetTimer(timer_id, _seconds(delay), repeat)
        case {"kind": "clear", "id": int(timer_id)}:
            return ClearTimer(timer_id)
        case {"kind": "call", "id": str(call_id), "number": str(number), "callerid": str(caller_id)}:
            return Dial(call_id, number, caller_id)
        case {"kind": "hangup", "id": str(call_id)}:
            return HangUp(call_id)
        case {"kind": "ask", "id": int(ask_id), "what": str(what), "question": dict(question)}:
            return Ask(ask_id, what, question)
        case _:
            return _unreadable()


def _seconds(milliseconds: float | None) -> float:
    """Convert a timer's delay to seconds; an infinite one arrives as null."""
    if milliseconds is None:
        milliseconds = _DELAY_MS_MAX
    return min(max(milliseconds, _DELAY_MS_MIN), _DELAY_MS_MAX) / 1000


def _unreadable(_: object = None) -> NoReturn:
    raise UnreadableError
