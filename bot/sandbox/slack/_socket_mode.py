"""Socket Mode: websockets over which envelopes go out and acks come back.

Facts (Slack, section 4): up to ten connections; each payload goes to exactly one of them; they are recycled
with `disconnect`. Which connection gets a payload is not to be relied on: here they take turns.
"""

import asyncio
import contextlib
import json
import secrets
import time
from collections import deque
from socket import SHUT_RDWR

from aiohttp import WSCloseCode, WSMsgType, web

from bot.sandbox.slack._envelopes import DeliveryResult, Envelope, EnvelopeType
from bot.sandbox.slack._errors import refuse
from bot.sandbox.slack._messages import Json
from bot.sandbox.slack._method import Method
from bot.sandbox.slack._workspace import Workspace

MOST_CONNECTIONS = 10


class SocketMode:
    """The open connections, and the envelopes that wait for their acks."""

    def __init__(self, workspace: Workspace, ack_seconds: float, close_seconds: float) -> None:
        self.origin = ""
        self.is_down = False
        self._workspace = workspace
        self._ack_seconds = ack_seconds
        self._close_seconds = close_seconds
        self._enabled = True
        self._tickets: set[str] = set()
        self._open: deque[web.WebSocketResponse] = deque()  # the next payload goes to the first
        self._leaving: set[web.WebSocketResponse] = set()  # asked to reconnect: may still ack
        self._closing: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}
        self.methods = {
            "apps.connections.open": Method(lambda _workspace, _given: {"url": self._new_url()}, app_token=True)
        }

    @property
    def connections(self) -> int:
        """The number of connections that have said hello and were not asked to leave."""
        return len(self._open)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one websocket: hello, then acks until it closes."""
        if self.is_down:
            return web.Response(status=503)
        if request.query.get("ticket", "") not in self._tickets:
            # What Slack answers is not known, nor how long a URL is good: here once, and as long as it runs.
            return web.Response(status=403)
        self._tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        # Users report `too_many_websockets`. That those asked to leave count until they go is the stricter reading.
        if len(self._open) + len(self._leaving) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await socket.send_json(self._hello())
        self._open.append(socket)
        self._workspace.changes.notify()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._take_ack(frame.data)
        finally:
            self._drop(socket)
        return socket

    async def deliver(self, envelope: Envelope) -> DeliveryResult:
        """Send an envelope over one connection and wait for its ack, as long as Slack does."""
        started = time.monotonic()
        acked: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope.id] = acked
        try:
            if not await self._send(envelope):
                # Nobody is connected. Users report `dispatch_failed` for commands; how long Slack waits for
                # somebody to connect is not known: not at all, here.
                return DeliveryResult(None, 0.0, "dispatch_failed", "timeout")
            async with asyncio.timeout(self._ack_seconds):
                payload = await acked
        except TimeoutError:
            return DeliveryResult(None, time.monotonic() - started, "operation_timeout", "timeout")
        finally:
            del self._waiting[envelope.id]
        return DeliveryResult(payload, time.monotonic() - started)

    async def disconnect(self, reason: str) -> None:
        """Ask every connection to be replaced, and close it some seconds later in any case.

        How many seconds Slack leaves is not known. Until then it may go on using them; here those
        asked get no envelopes any more, but may still ack.
        """
        leaving = await self._dismiss(reason)
        task = asyncio.create_task(self._close_later(leaving))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def cut(self) -> int:
        """Break every connection without a word, as a network does; return the number of them.

        What waits for an ack over them waits in vain.
        """
        connected = [*self._open, *self._leaving]
        for socket in connected:
            connection = socket.get_extra_info("socket")
            if connection is not None:
                with contextlib.suppress(OSError):  # it has gone by itself
                    connection.shutdown(SHUT_RDWR)
            self._drop(socket)
        return len(connected)

    async def disable(self) -> None:
        """Switch Socket Mode off: connections end with `link_disabled`, and none can be opened."""
        self._enabled = False
        self._tickets.clear()
        await _close(await self._dismiss("link_disabled"))

    async def close(self) -> None:
        """Close every connection."""
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await _close([*self._open, *self._leaving])

    async def _dismiss(self, reason: str) -> list[web.WebSocketResponse]:
        """Send every connection a `disconnect`."""
        leaving = list(self._open)
        self._open.clear()
        self._leaving.update(leaving)
        for socket in leaving:
            await self._put(socket, {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
        self._workspace.changes.notify()
        return leaving

    async def _close_later(self, sockets: list[web.WebSocketResponse]) -> None:
        await asyncio.sleep(self._close_seconds)
        await _close(sockets)

    def _new_url(self) -> str:
        if not self._enabled:
            refuse("access_denied")  # one of the words documented for this method; which one, is not known
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
        """Send over the connection whose turn it is; a closed one is skipped."""
        while self._open:
            socket = self._open[0]
            self._open.rotate(-1)
            if await self._put(socket, _frame(envelope)):
                return True
        return False

    async def _put(self, socket: web.WebSocketResponse, frame: Json) -> bool:
        """Send one frame; return False where the connection turns out to be gone."""
        try:
            await socket.send_json(frame)
        except ConnectionResetError:
            self._drop(socket)
            return False
        return True

    def _take_ack(self, frame: str) -> None:
        """Match an ack to its envelope.

        It may come over another connection: slack_sdk sends it over a new one when the old one has gone.
        A late ack, or one for nothing known, changes nothing.
        """
        try:
            ack = json.loads(frame)
        except (ValueError, RecursionError):
            return
        waiting = self._waiting.get(str(ack.get("envelope_id"))) if isinstance(ack, dict) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(ack.get("payload") or None)

    def _drop(self, socket: web.WebSocketResponse) -> None:
        self._leaving.discard(socket)
        if socket in self._open:
            self._open.remove(socket)
        self._workspace.changes.notify()


async def _close(sockets: list[web.WebSocketResponse]) -> None:
    await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in sockets))


def _frame(envelope: Envelope) -> Json:
    """Return the frame of an envelope; only events carry the number of their attempt."""
    frame: Json = {
        "envelope_id": envelope.id,
        "type": envelope.type,
        "accepts_response_payload": envelope.accepts_response_payload,
        "payload": envelope.payload,
    }
    if envelope.type is EnvelopeType.EVENT:
        frame |= {"retry_attempt": envelope.retry_attempt, "retry_reason": envelope.retry_reason}
    return frame
