"""Envelopes: a payload on its way to the app over either transport, and the app's answer."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from bot.sandbox.slack._messages import Json


class EnvelopeType(StrEnum):
    """The kind of a payload."""

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
        """Return the next delivery of the same payload, with a new id. Whether Slack's has a new id is not known."""
        return replace(self, id=str(uuid.uuid4()), retry_attempt=self.retry_attempt + 1, retry_reason=reason)


@dataclass(frozen=True)
class SignedRequest:
    """An HTTP request to the app as it was sent, so that it can be repeated to the byte."""

    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class DeliveryResult:
    """The answer to a delivery: the payload of the ack, or `error`, the error code the person sees instead.

    `retry_reason` is Slack's reason for a further delivery of an event; it is empty when there is none.
    `request` is the HTTP request that was sent.
    """

    payload: Json | None
    seconds: float
    error: str | None = None
    retry_reason: str = ""
    request: SignedRequest | None = field(default=None, repr=False)
