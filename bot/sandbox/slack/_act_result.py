"""The result of something a person did."""

from dataclasses import dataclass, field

from bot.sandbox.slack._envelopes import Envelope, SignedRequest
from bot.sandbox.slack._messages import Json, Message


@dataclass(frozen=True)
class ActResult:
    """The result of something a person did.

    `acked` within Slack's 3 s; `ack` is the payload of the ack; `error` the error code Slack showed the person
    (`operation_timeout`, `dispatch_failed`, `invalid_command_response`, …). Without an
    `envelope` nothing was sent to the app. `message` is the person's message, if there is one, and
    `request` the HTTP request, in HTTP mode.
    """

    acked: bool
    ack: Json | None
    ack_seconds: float
    error: str | None = None
    envelope: Envelope | None = field(default=None, repr=False)
    message: Message | None = None
    request: SignedRequest | None = field(default=None, repr=False)

    @property
    def trigger_id(self) -> str:
        """The trigger id the app was given; empty for a mention."""
        return str(self.envelope.payload.get("trigger_id", "")) if self.envelope else ""

    @property
    def envelope_id(self) -> str:
        """The id of the delivery; empty when nothing was sent."""
        return self.envelope.id if self.envelope else ""


def not_sent(error: str | None = None) -> ActResult:
    """Return the result of an act of which nothing was sent to the app."""
    return ActResult(acked=False, ack=None, ack_seconds=0.0, error=error)
