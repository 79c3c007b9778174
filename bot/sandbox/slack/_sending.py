"""A person's payloads on their way to the app, and what the acks do to the person's screen."""

from dataclasses import dataclass, replace

from bot.sandbox.slack._acks import apply_ack
from bot.sandbox.slack._act_result import ActResult
from bot.sandbox.slack._delivery import Delivery
from bot.sandbox.slack._envelopes import DeliveryResult, Envelope, EnvelopeType
from bot.sandbox.slack._errors import SlackError
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._workspace import SLACKBOT, User, Workspace


@dataclass(frozen=True)
class Sending:
    """Sends the payloads of one person."""

    user: User
    workspace: Workspace
    delivery: Delivery

    async def send(self, kind: EnvelopeType, payload: Json, *, accepts: bool = False) -> ActResult:
        """Send a payload and apply its ack; `accepts` says that the ack may hold a reply."""
        envelope = Envelope(kind, payload, accepts_response_payload=accepts)
        return self._apply(envelope, await self.delivery.deliver(envelope))

    async def again(self, done: ActResult) -> ActResult:
        """Deliver the payload of an act once more. Raises LookupError when there was none."""
        if done.envelope is None:
            msg = "nothing was sent that could come again"
            raise LookupError(msg)
        envelope, answer = await self.delivery.repeat(done.envelope, done.request)
        return replace(self._apply(envelope, answer), message=done.message)

    def _apply(self, envelope: Envelope, answer: DeliveryResult) -> ActResult:
        """Apply an ack; the person sees its failure as an error message."""
        error = answer.error
        if error is None:
            try:
                apply_ack(self.workspace, self.user, envelope, answer.payload)
            except SlackError as refusal:
                error = refusal.code
        if error is not None:
            self._show_failure(envelope, error)
        return ActResult(answer.error is None, answer.payload, answer.seconds, error, envelope, request=answer.request)

    def _show_failure(self, envelope: Envelope, error: str) -> None:
        """Show the person that the app failed, as an ephemeral message where they acted.

        Facts give `operation_timeout` for commands. How Slack shows it for buttons is not known; a failed event, a
        search and an act in a view show no message.
        """
        payload = envelope.payload
        channel_id = payload.get("channel_id") or payload.get("channel", {}).get("id")
        if envelope.type is EnvelopeType.EVENT or channel_id is None or payload.get("type") == "block_suggestion":
            return
        what = payload.get("command", "The button")
        self.workspace.add_message(
            self.workspace.channels[channel_id],
            SLACKBOT,
            f'{what} failed with the error "{error}"',
            thread_ts=payload.get("container", {}).get("thread_ts"),
            ephemeral_for=self.user.id,
        )
