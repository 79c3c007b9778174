"""Socket Mode: websockets over which payloads go out in envelopes, and acks come back.

Facts (Slack, section 4): up to ten connections; each payload goes to exactly one of them; they are recycled
with `disconnect`. Which connection gets a payload is not to be relied on: here they take turns.
"""

import asyncio
import json
import secrets
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import WSMsgType, web

from bot.sandbox.slack.messages import Json
from bot.sandbox.slack.method import Method
from bot.sandbox.slack.workspace import Workspace

MOST_CONNECTIONS = 10


class EnvelopeType(StrEnum):
    """What an envelope carries."""

    SLASH = "slash_commands"
    INTERACTIVE = "interactive"
    EVENT = "events_api"


@dataclass(frozen=True)
class Envelope:
    """One delivery of a payload."""

    type: EnvelopeType
    payload: Json = field(repr=False)
    accepts_response_payload: bool
    retry_attempt: int = 0
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def as_json(self) -> Json:
        """Give the frame that goes out; only events say which attempt they are."""
        frame: Json = {
            "envelope_id": self.id,
            "type": self.type,
            "accepts_response_payload": self.accepts_response_payload,
            "payload": self.payload,
        }
        if self.type is EnvelopeType.EVENT:
            frame |= {
                "retry_attempt": self.retry_attempt,
                "retry_reason": "timeout" if self.retry_attempt else "",
            }
        return frame


@dataclass(frozen=True)
class Answer:
    """What came of a delivery: what the ack carried, or the word the person reads instead of it."""

    payload: Json | None
    seconds: float
    error: str | None = None


class SocketMode:
    """The open connections, and the envelopes that wait for their acks."""

    def __init__(self, workspace: Workspace, ack_seconds: float) -> None:
        self.origin = ""
        self._workspace = workspace
        self._ack_seconds = ack_seconds
        self._tickets: set[str] = set()
        self._open: deque[web.WebSocketResponse] = deque()  # the next payload goes to the first
        self._leaving: set[web.WebSocketResponse] = set()  # asked to reconnect: may still ack
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}
        self.methods = {
            "apps.connections.open": Method(lambda _workspace, _given: {"url": self._new_url()}, app_token=True)
        }

    @property
    def connections(self) -> int:
        """How many connections have said hello and were not asked to leave."""
        return len(self._open)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket: hello, then acks until it closes."""
        if request.query.get("ticket", "") not in self._tickets:
            return web.Response(status=403)  # what Slack answers is not known
        self._tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        if len(self._open) + len(self._leaving) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await socket.send_json(self._hello())
        self._open.append(socket)
        self._workspace.changes.tell()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._take_ack(frame.data)
        finally:
            self._forget(socket)
        return socket

    async def deliver(self, envelope: Envelope) -> Answer:
        """Send an envelope over one connection and wait for its ack, as long as Slack does."""
        started = time.monotonic()
        acked: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = acked
        try:
            if not await self._send(envelope):
                # Nobody is connected. How long Slack would wait for somebody is not known: not at all, here.
                return Answer(None, 0.0, error="dispatch_failed")
            async with asyncio.timeout(self._ack_seconds):
                payload = await acked
        except TimeoutError:
            return Answer(None, time.monotonic() - started, error="operation_timeout")
        finally:
            del self._waiting[envelope.id]
            self._workspace.changes.tell()
        return Answer(payload, time.monotonic() - started)

    async def disconnect(self, reason: str) -> None:
        """Ask every connection to be replaced. Those asked get no envelopes any more.

        Slack goes on using them for some seconds and then closes them; when exactly is not known.
        """
        leaving = list(self._open)
        self._open.clear()
        self._leaving.update(leaving)
        for socket in leaving:
            await self._put(socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        self._workspace.changes.tell()

    async def close(self) -> None:
        """Close every connection."""
        for socket in [*self._open, *self._leaving]:
            await socket.close(code=1001)

    def _new_url(self) -> str:
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return f"{self.origin.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={self._workspace.app_id}"

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._open) + 1,
            "connection_info": {"app_id": self._workspace.app_id},
            "debug_info": {"host": "local", "approximate_connection_time": 18060},
        }

    async def _send(self, envelope: Envelope) -> bool:
        """Send over the connection whose turn it is; one that turns out to be closed is passed over."""
        while self._open:
            socket = self._open[0]
            self._open.rotate(-1)
            if await self._put(socket, envelope.as_json()):
                return True
        return False

    async def _put(self, socket: web.WebSocketResponse, frame: Json) -> bool:
        """Send one frame, unless the connection turns out to be gone."""
        try:
            await socket.send_json(frame)
        except ConnectionResetError:
            self._forget(socket)
            return False
        return True

    def _take_ack(self, frame: str) -> None:
        """Match an ack to its envelope.

        It may come over another connection: slack_sdk sends it over a new one when the old one has gone.
        A late ack, or one for nothing known, changes nothing.
        """
        try:
            ack = json.loads(frame)
        except ValueError:
            return
        waiting = self._waiting.get(str(ack.get("envelope_id"))) if isinstance(ack, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(ack.get("payload") or None)

    def _forget(self, socket: web.WebSocketResponse) -> None:
        self._leaving.discard(socket)
        if socket in self._open:
            self._open.remove(socket)
        self._workspace.changes.tell()
