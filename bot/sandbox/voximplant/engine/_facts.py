"""The values a session is started with, and the words for its end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from bot.sandbox._changes import Changes
from bot.sandbox._clock import TimeSource
from bot.sandbox.voximplant._call_settings import CallSettings, InboundCall
from bot.sandbox.voximplant._options import utc_now
from bot.sandbox.voximplant.engine._source import Place, Source


class FinishReason(StrEnum):
    """The documented words (facts: GetCallHistory, `finish_reason`)."""

    NORMAL = "Normal termination"
    INSUFFICIENT_FUNDS = "Insufficient funds"
    BILLING_TIMEOUT = "Internal error (billing timeout)"
    ADMINISTRATIVE = "Terminated administratively"
    SCRIPT_ERROR = "JS session error"
    TIMEOUT = "Timeout"


class SessionOverError(Exception):
    """The session ended before it handled the request: the caller of the session URL gets 404."""


Service: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[object]]
"""Answers a scenario's question with what JSON can hold; ValueError is for a question that the shim does not ask."""


@dataclass(frozen=True, kw_only=True)
class SessionFacts:
    """The values a session is started with.

    `sources` are its rule's scenarios, run in their order in one scope (facts); `started` holds the fields of
    `AppEvents.Started`, URLs included; `services` answer what the scenario asks by `ask` (`js/asks.js`), by name;
    `world` is what the shim is told of the world around the session (`facts` in `js/`). With `inbound` it is that
    call which starts it. Limits of time as documented: `idle_seconds` without a call, `queued_idle_seconds` with a
    request in a queue, `http_wait_seconds` for open HTTP requests before the end. Its timers, calls and idleness run by
    `time`, without it by the event loop; `changes` hears of whatever changes in the session.
    """

    history_id: int
    sources: tuple[Source, ...]
    custom_data: str
    started: Mapping[str, Any] = field(default_factory=dict, repr=False)
    calls: CallSettings = CallSettings()  # noqa: RUF009 - frozen, so it may be shared
    inbound: InboundCall | None = None
    idle_seconds: float = 60.0
    queued_idle_seconds: float = 7200.0
    http_wait_seconds: float = 90.0
    clock: Callable[[], datetime] = utc_now
    time: TimeSource | None = None
    changes: Changes = field(default_factory=Changes, repr=False)
    services: Mapping[str, Service] = field(default_factory=dict)
    world: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Return the session's id only: its URLs are secrets."""
        return f"SessionFacts(history_id={self.history_id})"


class EndCause(StrEnum):
    """The cause of a session's end, where `finish_reason` leaves it open."""

    TERMINATED = "the scenario called VoxEngine.terminate()"
    UNCAUGHT = "an error that the scenario did not catch"
    INTERRUPTED = "a turn of the scenario that took too long"
    IDLE = "no call for too long"
    OUTSIDE = "ended from outside"
    BROKEN = "the scenario has broken its own JavaScript"
    FAULT = "a fault of the sandbox"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """The end of a session, from the moment when it was decided: requests may hold up the end itself (facts)."""

    reason: str
    cause: EndCause
    at: datetime
    place: Place | None = None


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """The outcome of a request to a session: the number of its handlers, and the text that they returned."""

    handlers: int = 0
    body: str | None = field(default=None, repr=False)
