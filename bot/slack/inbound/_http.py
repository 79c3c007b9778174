"""HTTP mode: Slack's signed requests, verified before they are read, then given to the same listeners.

    413   longer than any request of Slack's
    408   a body that does not end in time
    401   no signature, a wrong one, or a timestamp that is odd or more than five minutes off
    400   no HTTP; or compressed, which Slack's never are; or signed, and no form or JSON that Slack would send
    200   accepted; the body is that of the ack

A replay within the five minutes is answered and does nothing: commands have keys (`bot.dispatch`). Bolt's own
check is not used: it answers 500 to an odd timestamp and logs whole bodies (facts).
"""

import json
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk import signature
from slack_sdk.signature import SignatureVerifier

from bot.process import RateLimitedLog
from bot.process.ops import Listener
from bot.slack.inbound._payload import MalformedPayload
from bot.slack.inbound._reader import read
from bot.slack.inbound._router import Router

log = logging.getLogger(__name__)

EVENTS_PATH: Final = "/slack/events"
Now = Callable[[], datetime]
"""Tells what time it is."""

LONGEST: Final = 1024 * 1024
"""Bytes. Slack's largest payloads, a modal's state, stay far below."""

ROOM: Final = 384
"""Connections at once: what a proxy in front holds, and a burst of commands; 1,024 descriptors are enough for all."""

_CLOSING_S: Final = 5.0
_DIGITS: Final = 20
_MOST_FIELDS: Final = 1_000


class HttpMode:
    """The HTTP transport. `open` listens; `close` waits for answers under way.

    A request's age is the least of the `clocks`': ours may have been set, and Slack's, as we know it, stands
    still while the machine sleeps.
    """

    def __init__(self, router: Router, signing_secret: str, host: str, port: int, clocks: Sequence[Now]) -> None:
        self._router = router
        self._verifiers = [SignatureVerifier(signing_secret, _Seconds(now)) for now in clocks]
        self._host = host
        self._port = port
        self._listener = Listener(
            "port for Slack's requests",
            [web.post(EVENTS_PATH, self._take)],
            settings="SESSION_BOT",
            room=ROOM,
            longest=LONGEST,
            closing_s=_CLOSING_S,
        )
        self._refused = RateLimitedLog(log, logging.WARNING)

    @property
    def port(self) -> int:
        """The port that is listened on: the system's choice, if 0 was asked for."""
        return self._listener.port or self._port

    async def open(self) -> None:
        """Start listening; raises CannotListen."""
        await self._listener.open(self._host, self._port)
        log.info("taking Slack's requests on %s:%d%s", self._host, self.port, EVENTS_PATH)

    async def close(self) -> None:
        """Stop listening."""
        await self._listener.close()

    async def problem(self) -> str | None:
        """Return why no request can come in, or None."""
        return None if self._listener.port is not None else "not listening for Slack's requests"

    async def _take(self, request: web.Request) -> web.Response:
        if "Content-Encoding" in request.headers:
            self._refused.log("a request was refused: it says that it is packed, and Slack packs nothing")
            return web.Response(status=400)
        body = await request.read()  # aiohttp answers 413 to what is too long
        text = _decoded(body)
        if text is None or not self._is_signed(request, text):
            self._refused.log("a request was refused: its signature or its time is not right")
            return web.Response(status=401)
        sent = None
        try:
            sent = parse_body(text, request.content_type)
            payload = read(sent)
        except MalformedPayload as why:
            await self._router.reject(sent, why)
            return web.Response(status=400)
        self._router.acks.received()
        try:
            return await to_aiohttp_response(await self._router.route(payload))
        finally:
            self._router.acks.answered()

    def _is_signed(self, request: web.Request, body: str) -> bool:
        """Return whether Slack signed this body within the last five minutes; a timestamp is digits only."""
        timestamp = request.headers.get("X-Slack-Request-Timestamp", "")
        signature = request.headers.get("X-Slack-Signature", "")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < _DIGITS and signature.isascii()):
            return False
        return any(each.is_valid(body, timestamp, signature) for each in self._verifiers)


def parse_body(body: str, content_type: str) -> Any:
    """Return a request's body as Slack writes it: JSON, a form, or a form that holds JSON. Raise MalformedPayload."""
    try:
        if content_type == "application/json" or body.startswith("{"):
            return json.loads(body)
        form = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS))
        return json.loads(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        msg = "it is neither a form nor JSON"
        raise MalformedPayload(msg) from None


class _Seconds(signature.Clock):
    """A clock as the verifier asks it: seconds since 1970."""

    def __init__(self, now: Now) -> None:
        self._now = now

    def now(self) -> float:
        return self._now().timestamp()


def _decoded(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
