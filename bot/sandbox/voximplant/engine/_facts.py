"""The values a session is started with, and the words for its end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from bot.sandbox.voximplant._options import utc_now
from bot.sandbox.voximplant.engine._source import Source


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
    `world` is what the shim is told of the world around the session (`facts` in `js/`).
    """

    history_id: int
    sources: tuple[Source, ...]
    custom_data: str
    idle_seconds: float
    connect_seconds: float
    started: Mapping[str, Any]
    clock: Callable[[], datetime] = utc_now
    services: Mapping[str, Service] = field(default_factory=dict)
    world: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        """Return the session's id only: its URLs are secrets."""
        return f"SessionFacts(history_id={self.history_id})"


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One line of the session's log."""

    at: datetime
    text: str = field(repr=False)  # the scenario may have written its URL
