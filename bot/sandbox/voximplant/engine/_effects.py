"""The effects of one turn of a scenario: JSON text from the shim, parsed once into typed values.

The shim lives in the scenario's own context. A scenario can break that context and forge any text,
so every effect is checked against its shape.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from bot.sandbox.voximplant.engine._calls import CallKind

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
    """An error that the scenario did not catch; `text` is for the log, `stack` as JavaScript writes it.

    With `is_rejection` it is a promise's that nobody handles, with `is_interrupted` a turn's that took too long.
    """

    text: str = field(repr=False)
    stack: str = field(repr=False)
    is_rejection: bool = False
    is_interrupted: bool = False


@dataclass(frozen=True)
class Note:
    """The scenario asked for `name`: a stand-in, or (`is_known` false) no name of the platform's typings."""

    name: str
    stack: str = field(repr=False)
    is_known: bool = True


@dataclass(frozen=True)
class Listen:
    """A listener was added to an event, or removed from it."""

    event: str
    stack: str = field(repr=False)
    is_removal: bool


@dataclass(frozen=True)
class Ask:
    """A question to one of the session's services, whose answer the scenario waits for."""

    ask_id: int
    what: str
    question: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """The handlers of one `AppEvents.HttpRequest` have run: their number, and the text that they returned."""

    handlers: int
    body: str | None = field(repr=False)


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
    """An outgoing call was placed; `timeout_seconds` is the scenario's own limit for the ringing."""

    call_id: str
    call_kind: CallKind
    number: str
    caller_id: str
    timeout_seconds: float | None = None


@dataclass(frozen=True)
class CallAction:
    """Something was asked of a call: answer, reject (with a SIP code), hangup or transfer."""

    call_id: str
    name: str
    code: int = 0


@dataclass(frozen=True)
class Queued:
    """The number of the scenario's requests that wait in a queue: they keep a session without calls alive longer."""

    requests: int


@dataclass(frozen=True)
class SetCustomData:
    """`VoxEngine.customData(text)` was called."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Terminate:
    """`VoxEngine.terminate()` was called."""

    stack: str = field(repr=False)


Effect: TypeAlias = (
    Log | Failure | Note | Listen | Ask | Answer | SetTimer | ClearTimer | Dial | CallAction | Queued
    | SetCustomData | Terminate
)  # fmt: skip


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
        case {"kind": "failure", "text": str(text), "stack": str(stack), "rejection": bool(is_rejection)}:
            return Failure(text, stack, is_rejection)
        case {"kind": "note", "name": str(name), "stack": str(stack), "known": bool(is_known)}:
            return Note(name, stack, is_known)
        case {"kind": "listen", "event": str(event), "stack": str(stack), "removed": bool(is_removal)}:
            return Listen(event, stack, is_removal)
        case {"kind": "answer", "handlers": int(handlers), "body": str() | None as body}:
            return Answer(handlers, body)
        case {"kind": "customData", "text": str(text)}:
            return SetCustomData(text)
        case {"kind": "terminate", "stack": str(stack)}:
            return Terminate(stack)
        case _:
            return _resource(entry)


def _resource(entry: object) -> Effect:  # noqa: PLR0911 - one return for each kind of effect
    """Return the effect on something that lives outside the context."""
    match entry:
        case {"kind": "timer", "id": int(timer_id), "delay": int() | float() | None as delay, "repeat": bool(repeat)}:
            return SetTimer(timer_id, _seconds(delay), repeat)
        case {"kind": "clear", "id": int(timer_id)}:
            return ClearTimer(timer_id)
        case {"kind": "call", "id": str(call_id), "type": str(kind), "number": str(number), "callerid": str(caller_id),
              "timeout": int() | float() | None as timeout} if kind in set(CallKind):  # fmt: skip
            return Dial(call_id, CallKind(kind), number, caller_id, timeout if timeout and timeout > 0 else None)
        case {"kind": "act", "id": str(call_id), "name": str(name), "code": int(code)}:
            return CallAction(call_id, name, code)
        case {"kind": "queued", "requests": int(requests)}:
            return Queued(requests)
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
