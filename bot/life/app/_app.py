"""Life: start the services that `_wiring` builds, and drain them.

Bot.start    lock (a second process waits as standby) → ops → tokens → database → recovery → router
Bot.stop     stop listening, finish running work, record and show cut-off commands as such, release the lock
"""

import asyncio
import contextlib
import logging
import sys
import uuid
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp

from bot.access import check_grants, keep_answers
from bot.config import Settings
from bot.directory import Rounds
from bot.life._audit_head import AuditHead
from bot.life._keys import path_beside, reseal, sealing_keys
from bot.life._other_processes import OtherProcesses
from bot.life._recovery import has_dead, recover, recover_dead_commands, resume_dead_commands
from bot.life._services import read_credentials
from bot.life.app._gauges import measure_lanes_and_records, measure_platform, measure_rounds
from bot.life.app._ports import listen_when_free
from bot.life.app._wiring import BotParts, ConnectedParts, build, make_receiver
from bot.ports import WriteBehind
from bot.process import Clock, RemoteClock, Tasks, cancel_and_wait, repeat_forever
from bot.process.metrics import Metrics
from bot.process.ops import OpsServer, PortTaken
from bot.slack.api import (
    FOR_EVER,
    Receiver,
    TokenHealth,
    WebClient,
    Workspace,
    bolt_app,
    call_again,
    check_tokens,
    http_session,
    web_client,
)
from bot.slack.inbound import Router
from bot.voximplant import Lanes, Management
from storage import workspaces
from storage.errors import StorageError
from storage.lock import DatabaseLock, OwnerLocks, refuse_second_names
from storage.sealing import Sealer
from storage.store import Store
from storage.workspaces import Known

log = logging.getLogger(__name__)

DRAIN_S: Final = 10.0
FLUSH_S: Final = 2.0
STANDBY_LOOK_S: Final = 0.5
DEAD_TAKEN_OVER_S: Final = 30.0
"""The time within which the unfinished command of a killed terminal is resumed."""

EXAMINED_S: Final = 10.0
"""A database that is damaged, or another file, is noticed within this time, also when nobody asks for anything."""

RENEWED_WITHIN_S: Final = 3.0
"""A terminal whose sign of life was removed puts it up again within this time."""

SWITCH_INTERVAL_S: Final = 0.0005
"""A busy event loop holds the writer thread up for as long between two of its statements."""

_ANYONE: Final = (
    "anyone in this workspace can invite the bot to a channel and start any rule there; "
    "SESSION_BOT_CHANNELS narrows it, and so does a policy"
)
_SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


class Bot:
    """One process of the bot. `start` returns when connected; `stop` undoes every started part."""

    def __init__(self, settings: Settings, clock: Clock | None = None, tasks: Tasks | None = None) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        self._tasks = tasks or Tasks()
        self._metrics = Metrics()
        self._started = contextlib.AsyncExitStack()
        self._tokens = TokenHealth(self._clock, self._metrics)
        self._store = Store(settings.database)
        self._lanes = Lanes(proxy=settings.way_out)
        self._receiver: Receiver | None = None
        self._management: Management | None = None
        self.rounds: Rounds | None = None
        """The rounds of announcements, once they are made."""
        self._write_behind: WriteBehind | None = None
        checks = {
            "slack": self._slack_is_ready,
            "database": self._database_is_ready,
            "backlog": self._write_behind_is_empty,
        }
        self._ops = OpsServer(settings.ops_host, settings.ops_port, self._metrics, checks, self._measure)
        self._state = "starting"
        self._looking: list[asyncio.Task[None]] = []
        self._posting: asyncio.Task[None] | None = None

    @property
    def receiver(self) -> Receiver | None:
        """The way in, once it is made."""
        return self._receiver

    @property
    def ops_port(self) -> int:
        """The port of the ops endpoints."""
        return self._ops.port

    async def start(self) -> None:
        """Start until connected to Slack; on a failure, every started part is stopped again.

        Raises, each with a sentence: CannotListen, WrongToken, CredentialsUnusable, BadKey, StorageError.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        try:
            await self._come_up()
        except BaseException:  # also when told to end while starting; whoever started it gets the error
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening, wait for running work, record cut-off commands, and stop every part."""
        self._state = "stopping"
        await self._started.aclose()

    async def _come_up(self) -> None:
        settings, started = self._settings, self._started
        refuse_second_names(settings.database)
        lock = DatabaseLock(settings.database)
        standby = not lock.try_acquire()
        started.callback(lock.release)
        started.push_async_callback(self._ops.stop)
        await self._serve_ops(standby=standby)
        slack_clock, platform_clock = RemoteClock(self._clock, "Slack's"), RemoteClock(self._clock, "the platform's")
        account, sealer = read_credentials(settings, platform_clock), Sealer(sealing_keys(settings))
        http = await started.enter_async_context(http_session(settings.way_out, _SLACK_TIMEOUT))
        if settings.slack_bot_token is None:
            raise AssertionError
        client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, http, slack_clock)
        workspace = await self._workspace(client)
        client.count = self._metrics.slack
        client.on_answer = self._tokens.record  # from now on: what was wrong before kept it from starting
        if standby:
            await self._wait_for(lock)
            self._take_over_ops()
            sealer = Sealer(sealing_keys(settings))  # the key may have been changed while it waited
        await self._store.open()
        if not lock.try_acquire():  # of two that came up at once on no database, the other made it
            msg = f"Another bot has just come up on the database {settings.database}; start again to wait."
            raise StorageError(msg)
        started.push_async_callback(self._store.close)
        owner, owners = f"run-{uuid.uuid4().hex}", OwnerLocks(path_beside(settings.database, ".owners"))
        owners.hold(owner)
        started.callback(owners.release, owner)
        lanes = await started.enter_async_context(self._lanes)
        connected = ConnectedParts(
            settings=settings,
            clock=self._clock,
            tasks=self._tasks,
            metrics=self._metrics,
            store=self._store,
            lanes=lanes,
            http=http,
            client=client,
            slack_clock=slack_clock,
            workspace=workspace,
            credentials=account,
            platform_clock=platform_clock,
            sealer=sealer,
            owner=owner,
        )
        served = Known(workspace.team, workspace.url)
        await self._store.write(lambda db: workspaces.record(db, served, now=self._clock.now()))
        parts = build(connected)
        await keep_answers(parts.directory, self._store, self._tasks, self._clock)
        self._management, self._write_behind = parts.services.management, parts.services.write_behind
        self.rounds = parts.announced.rounds
        await self._run(parts, owners, client)
        await self._receive(parts, connected, took_over=standby)
        log.info("connected to %s as %s", workspace.url, workspace.bot_name)
        self._tasks.background(check_grants(settings, parts.directory, parts.services.rules))
        if not settings.channels and not settings.grants:
            log.warning("%s", _ANYONE)

    async def _workspace(self, client: WebClient) -> Workspace:
        """Check both tokens, waiting while Slack itself cannot be reached."""
        self._state = "waiting for Slack"
        return await call_again(
            lambda: check_tokens(client, self._settings.slack_app_token),
            FOR_EVER,
            self._clock,
            lambda problem, pause: log.warning("waiting for Slack: %s; asking again in %g s", problem, pause),
        )

    async def _serve_ops(self, *, standby: bool) -> None:
        """Serve the ops endpoints; a standby with the settings of its active process gets the port at the take-over."""
        try:
            await self._ops.start()
        except PortTaken:
            if not standby:
                raise
            place = f"{self._settings.ops_host}:{self._settings.ops_port}"
            why = "by the active process if its settings are the same; it is tried again at the take-over"
            log.warning("standby: the operations port %s is in use, %s", place, why)

    def _take_over_ops(self) -> None:
        """Serve the ops endpoints as soon as their port is free."""
        if not self._ops.is_listening:
            self._listen_when_free(self._ops.start)

    def _listen_when_free(self, listen: Callable[[], Awaitable[None]]) -> None:
        """Listen on a port as soon as it is free; nothing waits for that."""
        listening = asyncio.create_task(listen_when_free(listen, self._clock))
        self._started.push_async_callback(cancel_and_wait, listening)

    async def _wait_for(self, lock: DatabaseLock) -> None:
        """Wait as the standby of the process that holds the database, and log that once."""
        self._state = "standby"
        holder = lock.holder() or "(its id is not known)"
        log.warning("standby: process %s runs on this database; waiting to take over", holder)
        while not lock.try_acquire():
            await self._clock.sleep(STANDBY_LOOK_S)
        log.warning("taking over: the database is free")
        self._state = "taking over"

    async def _run(self, parts: BotParts, owners: OwnerLocks, client: WebClient) -> None:
        """Recover unfinished commands, and start the loops."""
        other_processes = OtherProcesses(parts.services)

        async def take_over_dead() -> None:
            await self._clock.sleep(DEAD_TAKEN_OVER_S)
            owners.renew()
            if not await has_dead(parts.services, owners.is_alive):
                return
            await self._clock.sleep(RENEWED_WITHIN_S)  # whose file somebody removed has made it again by then
            if await has_dead(parts.services, owners.is_alive):
                await resume_dead_commands(parts.services, parts.dispatch, self._tasks, owners.is_alive)

        async def examine() -> None:
            await self._clock.sleep(EXAMINED_S)
            await self._store.examine()

        self._started.push_async_callback(self._wind_down, parts)
        await reseal(parts.services)
        await recover(parts.services, parts.dispatch, self._tasks, owners.is_alive)
        audit_head = AuditHead(self._store, self._clock)
        ours = other_processes.step, take_over_dead, examine, audit_head.step, lambda: self._tokens.check(client)
        steps = (parts.watch.step, *parts.announced.steps, *ours)
        self._looking = [asyncio.create_task(repeat_forever(step, self._clock, self._tasks.acks)) for step in steps]
        self._posting = asyncio.create_task(repeat_forever(parts.messenger.step, self._clock, self._tasks.acks))

    async def _wind_down(self, parts: BotParts) -> None:
        """Stop the watch, wait for running work, record cut-off commands, and flush the outbox to Slack."""
        for looking in self._looking:  # first: a session found over its limit now would be stopped by nobody's drain
            await cancel_and_wait(looking)
        await self._tasks.drain(DRAIN_S, self._clock)
        try:
            await recover_dead_commands(parts.services, lambda owner: owner != parts.services.owner)
            parts.messenger.nudge()
            await parts.messenger.flush(FLUSH_S)
        except StorageError as problem:
            log.error("the end is not recorded, the next process will do it: %s", problem)  # noqa: TRY400 - told whole
        if self._posting is not None:
            await cancel_and_wait(self._posting)

    async def _receive(self, parts: BotParts, connected: ConnectedParts, *, took_over: bool) -> None:
        """Listen; when it is over, no new command comes in and what runs may finish."""
        app = bolt_app(connected.client, connected.workspace)
        parts.mentions.register(app)
        parts.clicks.register(app)
        parts.forms.register(app)
        parts.listeners.register(app)
        router = Router(app, parts.listeners.commands(), parts.listeners.responses)
        receiver = self._receiver = make_receiver(router, connected)
        self._started.push_async_callback(receiver.close)
        await (listen_when_free(receiver.open, self._clock) if took_over else receiver.open())
        if (inbox := parts.announced.inbox) is not None:
            self._started.push_async_callback(inbox.stop)
            if took_over:
                self._listen_when_free(inbox.start)
            else:
                await inbox.start()
        self._state = "running"

    async def _measure(self) -> None:
        connected = await self._slack_is_ready() is None
        self._metrics.slack_connected.set(connected)
        self._metrics.tasks.set(self._tasks.working)
        self._metrics.records_waiting.set(0 if self._write_behind is None else self._write_behind.size)
        if self._management is not None:
            measure_platform(self._metrics, self._management, self._clock)
        if self.rounds is not None:
            measure_rounds(self._metrics, self.rounds)
        await measure_lanes_and_records(self._metrics, self._lanes, self._store)

    async def _slack_is_ready(self) -> str | None:
        """Return the reason why Slack cannot be reached in either direction, or None."""
        if self._receiver is None or self._state != "running":
            return self._state
        return self._tokens.problem or await self._receiver.problem()

    async def _database_is_ready(self) -> str | None:
        """Return the database's problem, or None."""
        return self._state if self._state != "running" else await self._store.examine()

    async def _write_behind_is_empty(self) -> str | None:
        """Return the number of unwritten jobs in words, or None."""
        waiting = 0 if self._write_behind is None else self._write_behind.size
        return f"{waiting} records wait in memory for the database, and are lost with this process" if waiting else None
