"""Delivery of payloads to the app: over HTTP where it has a request URL, else over Socket Mode.

Slack documents for events that are not acked: once more at once, then after a minute, then after five more.
Commands and interactions never come again by themselves.
"""

import asyncio
from collections.abc import Sequence

from bot.sandbox._changes import Changes
from bot.sandbox.slack._envelopes import DeliveryResult, Envelope, EnvelopeType, SignedRequest
from bot.sandbox.slack._request_url import RequestUrl
from bot.sandbox.slack._socket_mode import SocketMode


class Delivery:
    """Delivers envelopes to the app; `retry_seconds` are the pauses before an event is sent again."""

    def __init__(
        self, sockets: SocketMode, request_url: RequestUrl, retry_seconds: Sequence[float], changes: Changes
    ) -> None:
        self._sockets = sockets
        self._request_url = request_url
        self._retry_seconds = retry_seconds
        self._changes = changes
        self._retries: set[asyncio.Task[None]] = set()

    async def deliver(self, envelope: Envelope) -> DeliveryResult:
        """Send an envelope and wait for its ack. Without an ack, an event is sent again in the background."""
        answer = await self._send(envelope)
        if envelope.type is EnvelopeType.EVENT and answer.retry_reason:
            retries = asyncio.create_task(self._retry(envelope, answer.retry_reason))
            self._retries.add(retries)
            retries.add_done_callback(self._retries.discard)
        return answer

    async def repeat(self, envelope: Envelope, request: SignedRequest | None) -> tuple[Envelope, DeliveryResult]:
        """Send a delivered payload once more: over HTTP the same request to the byte, else a new envelope."""
        if request is not None:
            answer = await self._request_url.post(request, envelope.type)
            self._changes.notify()
            return envelope, answer
        again = envelope.again("timeout")
        return again, await self._send(again)

    async def close(self) -> None:
        """Cancel every pending retry."""
        for task in self._retries:
            task.cancel()
        await asyncio.gather(*self._retries, return_exceptions=True)

    async def _send(self, envelope: Envelope) -> DeliveryResult:
        answer = await (self._request_url if self._request_url.url else self._sockets).deliver(envelope)
        self._changes.notify()
        return answer

    async def _retry(self, envelope: Envelope, reason: str) -> None:
        for pause in self._retry_seconds:
            await asyncio.sleep(pause)
            envelope = envelope.again(reason)
            reason = (await self._send(envelope)).retry_reason
            if not reason:
                return
