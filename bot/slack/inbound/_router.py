"""Payloads to their listeners, for Socket Mode and HTTP alike: each is answered, also one without a listener.

Slack brings an event that gets no answer three times more, and may switch off all events of an app that mostly
fails (facts). Bolt is given what it finds the listener by, and the listener what `_payload` read. The slash command
has a way of its own: Bolt makes a web client and a dozen arguments for each, which is half of the time before its ack.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from bot.ports import Response
from bot.process import Acks
from bot.slack.inbound._payload import Kind, MalformedPayload, Payload
from bot.slack.responses import Recipient, Responses

log = logging.getLogger(__name__)

Answering = Callable[[Payload], Awaitable[BoltResponse]]
"""Returns the answer to a payload once its listener has acked; it never raises."""

PAYLOAD_KEY: Final = "read"
"""The key of the payload in Bolt's context."""

_NAME_SHOWN: Final = 80
_NAMES_KEPT: Final = 100


_UNPAYLOAD_KEY: Final = (
    "Slack sent this in a form that this bot does not know, so nothing was done. If it was a button, type its command."
)


class Router:
    """Routes payloads to `commands`, which answer slash commands by their names, and all others to the app.

    The app has the other listeners, and must raise an error for a payload without one.
    """

    def __init__(self, app: AsyncApp, commands: Mapping[str, Answering], responses: Responses) -> None:
        self._app = app
        self._commands = commands
        self._responses = responses
        self._logged: set[str] = set()
        app.error(self._on_error)

    @property
    def acks(self) -> Acks:
        """The requests that wait for their ack: who receives one counts it."""
        return self._responses.tasks.acks

    async def route(self, payload: Payload) -> BoltResponse:
        """Return the answer to a payload: always a 200, since Slack takes any other for a fault of the app."""
        if payload.kind is Kind.command and (answering := self._commands.get(payload.name)) is not None:
            return await answering(payload)
        # What HTTP has beyond Socket Mode, a body to decode and a signature, is dealt with before Bolt.
        request = AsyncBoltRequest(mode="socket_mode", body=dict(payload.route), context={PAYLOAD_KEY: payload})
        return await self._app.async_dispatch(request)

    async def reject(self, body: Any, why: MalformedPayload) -> None:
        """Log that a payload was not read, and respond where it brings a response_url."""
        log.warning("what came from Slack was not read, and nothing was done: %s", why)
        response_url = body.get("response_url") if isinstance(body, dict) else None
        if isinstance(response_url, str) and response_url:
            await self._responses.to(Recipient(response_url=response_url))(Response(text=_UNPAYLOAD_KEY))

    async def _on_error(self, error: Exception, context: AsyncBoltContext) -> BoltResponse:
        """Ack a payload that no listener took, or that Bolt fell over; log each type once."""
        payload: Payload = context[PAYLOAD_KEY]
        what = f"{payload.kind}: {payload.name[:_NAME_SHOWN]!r}"
        if not isinstance(error, BoltUnhandledRequestError):
            log.error("Bolt could not pass on what Slack sent (%s): %s", what, type(error).__name__)
        elif what not in self._logged and len(self._logged) < _NAMES_KEPT:
            self._logged.add(what)
            log.info("nobody listens for this; it is acked, now and later (%s)", what)
        return BoltResponse(status=200)
