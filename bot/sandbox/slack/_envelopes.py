"""What goes to an app, whichever way it goes: a payload, and what came of it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from bot.sandbox.slack._messages import Json


class EnvelopeType(StrEnum):
    """What an envelope carries."""

    SLASH = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True)
class Envelope:
    """One delivery of a payload; `retry_attempt` 0 is the first, and only events come again by themselves."""

    type: EnvelopeType
    payload: Json = field(repr=False)
    accepts_response_payload: bool
    retry_attempt: int = 0
    retry_reason: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def again(self, reason: str) -> Self:
        """Give the next delivery of the same payload. That it has an id of its own is not known: it does here."""
        return replace(self, id=str(uuid.uuid4()), retry_attempt=self.retry_attempt + 1, retry_reason=reason)


@dataclass(frozen=True)
class SignedRequest:
    """An HTTP request to the app, as it went out: it can be sent once more, to the byte."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What came of a delivery: what the ack carried, or `error`, the word the person reads instead of it.

    `retry_reason` says why an event is to come again, in Slack's words; it is empty when it is not to.
    `request` is what went out over HTTP.
    """

    payload: Json | None
    seconds: float
    error: str | None = None
    retry_reason: str = ""
    request: SignedRequest | None = field(default=None, repr=False)
