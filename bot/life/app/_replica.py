"""A replica: a process that is connected to Slack, receives commands and carries them out, whether it leads or not."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

from bot.life._other_processes import OtherProcesses
from bot.life._recovery import recover_dead_commands
from bot.life.app._leading import Leading
from bot.life.app._ports import listen_when_free
from bot.life.app._wiring import BotParts, ConnectedParts, make_receiver
from bot.process import cancel_and_wait, repeat_forever
from bot.slack.api import Receiver, TokenHealth, bolt_app
from bot.slack.inbound import Router
from storage.errors import StorageError

log = logging.getLogger(__name__)

DRAIN_S: Final = 10.0
EXAMINED_S: Final = 10.0
"""A database that is damaged, or another file, is noticed within this time, also when nobody asks for anything."""


class Replica:
    """The way in, and the loops that every replica runs."""

    def __init__(self, parts: BotParts, connected: ConnectedParts, tokens: TokenHealth, leading: Leading) -> None:
        self._parts = parts
        self._connected = connected
        self._tokens = tokens
        self._leading = leading
        self._settling: list[asyncio.Task[None]] = []
        self._loops: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start the loops."""
        other_processes = OtherProcesses(self._parts.services, self._look_at_others)
        self._settling = [self._loop(step) for step in self._parts.announced.steps]
        steps = (other_processes.step, self._examine, lambda: self._tokens.check(self._connected.client))
        self._loops = [self._loop(step) for step in steps]

    async def receive(self, started: AsyncExitStack, *, took_over: bool) -> Receiver:
        """Listen; when `started` is closed, no new command comes in and what runs may finish.

        Ports that the process before still holds are listened on as soon as they are free, if it `took_over`.
        """
        parts, connected = self._parts, self._connected
        app = bolt_app(connected.client, connected.workspace)
        parts.mentions.register(app)
        parts.clicks.register(app)
        parts.forms.register(app)
        parts.listeners.register(app)
        router = Router(app, parts.listeners.commands(), parts.listeners.responses)
        receiver = make_receiver(router, connected)
        started.push_async_callback(receiver.close)
        await (listen_when_free(receiver.open, connected.clock) if took_over else receiver.open())
        if (inbox := parts.announced.inbox) is not None:
            started.push_async_callback(inbox.stop)
            if took_over:
                listening = asyncio.create_task(listen_when_free(inbox.start, connected.clock))
                started.push_async_callback(cancel_and_wait, listening)
            else:
                await inbox.start()
        return receiver

    async def wind_down(self) -> None:
        """Stop the watch, wait for running work, record cut-off commands, and flush the outbox to Slack."""
        services = self._parts.services
        await self._leading.end_looking()
        await _cancel(self._settling)
        await self._connected.tasks.drain(DRAIN_S, self._connected.clock)
        try:
            await recover_dead_commands(services, lambda _db, owner: owner != services.owner)
            await self._leading.flush()
        except StorageError as problem:
            log.error("the end is not recorded, the next process will do it: %s", problem)  # noqa: TRY400 - told whole
        await self._leading.end()
        await _cancel(self._loops)

    async def _look_at_others(self) -> None:
        await self._parts.board.waiters.look()
        if self._connected.membership.leadership.is_shared:
            await self._leading.look_at_others()

    async def _examine(self) -> None:
        await self._connected.clock.sleep(EXAMINED_S)
        await self._connected.store.examine()

    def _loop(self, step: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
        return asyncio.create_task(repeat_forever(step, self._connected.clock, self._connected.tasks.acks))


async def _cancel(loops: list[asyncio.Task[None]]) -> None:
    for each in loops:
        await cancel_and_wait(each)
