"""Socket Mode: a websocket that this process opens and keeps open, and the same listeners as in HTTP mode.

slack_sdk's client is used, with four corrections (read and run on 3.47.0):

* Asked by Slack to reconnect, it asks for an address once and drops every error. Nothing comes in then until
  Slack closes the old connection, and it calls itself connected all the while. Here it goes on asking.
* A failed connection is retried with the same address, which may be good only once. Here with a new one.
* A connection that breaks is noticed at the next ping, up to 10 s later. Here it is replaced at once.
* It closes at once, so that running work is done and never acked, and waits 10 s for a peer that does not
  answer. Here envelopes already received are answered first.
"""

import asyncio
import contextlib
import json
import logging
import time
from dataclasses import replace
from typing import Final

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.process import Acks, Clock, Tasks, cancel_and_wait
from bot.process.network import Proxy
from bot.slack.api import FOR_EVER, SlackProblem, TryLater, call_again, connection_problem, http_session, slack_answer
from bot.slack.inbound._payload import MalformedPayload
from bot.slack.inbound._reader import read
from bot.slack.inbound._router import Router

log = logging.getLogger(__name__)

ANSWERED_WITHIN_S: Final = 3.0
"""The time for acks of received envelopes when the bot ends: Slack itself waits no longer."""

CLOSING_S: Final = 1.0
"""The time for which the peer is waited for after a close."""

_PING_S: Final = 10.0
_PING: Final = "sdk-ping-pong"
"""The beginning of slack_sdk's own pings; the moment of sending follows."""

_OPENING_S: Final = 10.0
_FIRST_PAUSE_S: Final = 1.0
_TRY_ON: Final = replace(FOR_EVER, after=SlackProblem)
"""A token that is refused may be taken again: after each failure it is tried again."""

_QUIET: Final = logging.getLogger("slack_bolt")


class SocketMode:
    """The websocket transport. Must be made inside the running loop (facts)."""

    def __init__(
        self, router: Router, app_token: str, client: AsyncWebClient, clock: Clock, proxy: Proxy | None = None
    ) -> None:
        self._router = router
        self._clock = clock
        self._client = _Client(app_token, client, clock, proxy, router.acks)
        self._client.socket_mode_request_listeners.append(self._take)

    async def open(self) -> None:
        """Connect; from then on the connection maintains itself."""
        await self._client.connect()

    async def close(self) -> None:
        """Stop receiving, answer the received envelopes, and only then disconnect."""
        await self._client.take_no_more()
        await self._client.taken.drain(ANSWERED_WITHIN_S, self._clock)
        await self._client.close()  # type: ignore[no-untyped-call]

    async def problem(self) -> str | None:
        """Return why nothing may come in, by the last attempt to connect and the age of the last pong (facts)."""
        if self._client.trouble is not None:
            return f"not connected to Slack: {self._client.trouble}"
        return None if await self._client.is_connected() else "not connected to Slack"

    async def _take(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        try:
            answer = await self._router.route(read(request.payload))
        except MalformedPayload as why:
            await self._router.reject(request.payload, why)
            answer = BoltResponse(status=200)  # sent again it would be the same
        try:
            await send_async_response(client, request, answer, time.time())
        except (aiohttp.ClientError, ConnectionError) as problem:  # what was asked for is done all the same
            log.warning("an ack was lost with its connection to Slack (%s)", type(problem).__name__)


class _Client(SocketModeClient):
    """slack_sdk's client, which retries until it is connected. `trouble` is the reason why it is not.

    `taken` are the received envelopes that are not answered yet.
    """

    def __init__(self, app_token: str, client: AsyncWebClient, clock: Clock, proxy: Proxy | None, acks: Acks) -> None:
        super().__init__(app_token=app_token, logger=_QUIET, web_client=client, ping_interval=_PING_S)
        self.aiohttp_client_session.detach()  # it has no connection yet, and would know no way but the direct one
        self.aiohttp_client_session = http_session(proxy)
        self.trouble: str | None = None
        self.taken = Tasks()
        self._clock = clock
        self._acks = acks

    async def connect(self) -> None:
        """Connect, with retries, with a new address each time."""
        await call_again(self._connect_once, _TRY_ON, self._clock, self._note_trouble)

    async def connect_to_new_endpoint(self, force: bool = False) -> None:  # noqa: FBT001, FBT002 - slack_sdk's own
        """Connect anew, one attempt at a time; without `force` only if nobody else has done so meanwhile."""
        async with self.connect_operation_lock:
            if force or not await self.is_connected():
                await self.connect()

    async def disconnect(self) -> None:
        """Close the websocket; a peer that does not answer the close is left without its answer."""
        if self.current_session is not None:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(CLOSING_S):
                    await self.current_session.close()

    async def process_message(self) -> None:
        """Handle the next message, and hold on to its task: its ack is waited for, and tasks can be collected."""
        self._begin(await self.message_queue.get())

    async def receive_messages(self) -> None:
        """Read from the present connection until it ends, and replace it then."""
        session, began = self.current_session, self._clock.monotonic()
        while session is not None and not self.closed and session is self.current_session:
            try:
                message = await session.receive()
            except (aiohttp.ClientError, OSError, RuntimeError):  # the last: closed while it is read
                break
            if message.type is aiohttp.WSMsgType.TEXT:
                await self.enqueue_message(message.data)
            elif message.type is aiohttp.WSMsgType.PING:
                with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                    await session.pong(message.data)
            elif message.type is aiohttp.WSMsgType.PONG:
                self._note_pong(bytes(message.data))
            else:  # closed, closing or broken
                break
        if self._clock.monotonic() - began < _PING_S:  # a connection that is always closed at once is no busy loop
            await self._clock.sleep(_FIRST_PAUSE_S)
        if not self.closed and session is self.current_session:
            await self.connect_to_new_endpoint()

    async def take_no_more(self) -> None:
        """Stop reading and stay connected; messages read already are still handled."""
        for task in (self.message_receiver, self.current_session_monitor, self.message_processor):
            if isinstance(task, asyncio.Task):
                await cancel_and_wait(task)
        while not self.message_queue.empty():
            self._begin(self.message_queue.get_nowait())

    def _begin(self, raw: str) -> None:
        """Read one message; an envelope of another shape than Slack's is passed on too, to be acked."""
        try:
            message = json.loads(raw)
        except (ValueError, RecursionError):
            message = None
        if isinstance(message, dict):
            if message.get("envelope_id") is not None:
                payload = message.get("payload")
                message |= {"type": str(message.get("type")), "payload": payload if isinstance(payload, dict) else {}}
            answering = self.taken.work(self.run_message_listeners(message, raw))
            if "envelope_id" in message:
                self._acks.received()
                answering.add_done_callback(lambda _: self._acks.answered())

    def _note_pong(self, data: bytes) -> None:
        """Record the moment of the ping that this answers; of another's ping nothing."""
        what, _, moment = data.decode("utf-8", "replace").partition(":")
        if what == _PING:
            with contextlib.suppress(ValueError):
                self.last_ping_pong_time = float(moment)

    def _note_trouble(self, problem: SlackProblem, pause: float) -> None:
        self.trouble = str(problem)
        log.warning("no connection to Slack: %s; trying again in %g s", problem, pause)

    async def _connect_once(self) -> None:
        """Ask for an address, leave the old connection, open the new one; raise a SlackProblem."""
        if self.closed:
            return
        opened = await slack_answer(self.web_client.apps_connections_open(app_token=self.app_token))
        await self.disconnect()
        try:
            async with asyncio.timeout(_OPENING_S):
                session = await self.aiohttp_client_session.ws_connect(
                    str(opened.get("url")), autoping=False, heartbeat=self.ping_interval
                )
                now = time.time()
                await session.ping(f"{_PING}:{now}".encode())
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as problem:
            why = f"the websocket could not be opened ({connection_problem(problem)})"
            raise TryLater(_FIRST_PAUSE_S, why) from None  # its own words may hold the address, which is a secret
        self.current_session, self.last_ping_pong_time, self.stale, self.trouble = session, now, False, None
        old = (self.current_session_monitor, self.message_receiver)
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())
        for task in old:  # last, and with nothing to wait for behind it: one of them may be the task that runs here
            if task is not None:
                task.cancel()
