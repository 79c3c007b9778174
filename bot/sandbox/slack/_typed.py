"""What came of something that a person did."""

from dataclasses import dataclass, field

from bot.sandbox.slack._envelopes import Envelope, SignedRequest
from bot.sandbox.slack._messages import Json, Message


@dataclass(frozen=True)
class Typed:
    """What came of something a person did.

    `acked` within Slack's 3 s; `ack` is what the ack carried; `error` the word Slack showed the person when
    something went wrong (`operation_timeout`, `dispatch_failed`, `invalid_command_response`, …). Without an
    `envelope` nothing went to the app at all. `message` is what the person wrote, if it was a message, and
    `request` what went out, if it went over HTTP.
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


def unsent(error: str | None = None) -> Typed:
    """Say that nothing went to the app."""
    return Typed(acked=False, ack=None, ack_seconds=0.0, error=error)
