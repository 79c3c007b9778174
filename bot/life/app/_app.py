"""Life: start the services that `_wiring` builds, and drain them.

Bot.start    lock (a second process waits as standby) → ops → tokens → database → recovery → router
Bot.stop     stop listening, finish running work, record and show cut-off commands as such, release the lock

On a server, whose lead is shared, a process receives at once as a replica, and leads from when it can to when it loses
the lead.
"""

import asyncio
import contextlib
import logging
import sys
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import aiohttp

from bot.access import check_grants, keep_answers
from bot.config import Settings
from bot.directory import Rounds
from bot.life._keys import sealing_keys
from bot.life._services import read_credentials
from bot.life.app._election import lead_while_held
from bot.life.app._leading import Leading
from bot.life.app._ports import listen_when_free
from bot.life.app._readiness import Readiness
from bot.life.app._replica import Replica
from bot.life.app._wiring import ConnectedParts, build
from bot.process import Clock, RemoteClock, Tasks, cancel_and_wait, version_number
from bot.process.metrics import Metrics
from bot.process.ops import OpsServer, PortTaken
from bot.slack.api import (
    FOR_EVER,
    Receiver,
    TokenHealth,
    WebClient,
    Workspace,
    call_again,
    check_tokens,
    http_session,
    web_client,
)
from bot.voximplant import Lanes
from storage import workspaces
from storage.errors import StorageError, StorageUnavailable
from storage.lock import refuse_second_names
from storage.membership import Leadership, make_membership
from storage.sealing import Sealer
from storage.store import Store
from storage.workspaces import Known

log = logging.getLogger(__name__)

STANDBY_LOOK_S: Final = 0.5
DATABASE_LOOK_S: Final = 1.0
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
        self._membership = make_membership(settings.database, version_number(), self._clock.follow)
        self._lanes = Lanes(proxy=settings.way_out)
        self._readiness = Readiness(
            self._store,
            self._lanes,
            self._tokens,
            self._membership,
            clock=self._clock,
            tasks=self._tasks,
            metrics=self._metrics,
        )
        self._ops = OpsServer(
            settings.ops_host,
            settings.ops_port,
            self._metrics,
            self._readiness.checks(),
            self._readiness.measure,
            facts=self._readiness.facts(),
        )

    @property
    def receiver(self) -> Receiver | None:
        """The way in, once it is made."""
        return self._readiness.receiver

    @property
    def rounds(self) -> Rounds | None:
        """The rounds of announcements, once they are made."""
        return None if self._readiness.parts is None else self._readiness.parts.announced.rounds

    @property
    def leads(self) -> bool:
        """Return whether this process leads."""
        return self._membership.leadership.is_held()

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
        self._readiness.state = "stopping"
        await self._started.aclose()

    async def _come_up(self) -> None:
        settings, started = self._settings, self._started
        if isinstance(settings.database, Path):
            refuse_second_names(settings.database)
        owners, lead = self._membership.owners, self._membership.leadership
        standby = not lead.is_shared and not await lead.try_acquire()
        started.push_async_callback(lead.release)
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
            await self._wait_for(lead)
            self._take_over_ops()
            sealer = Sealer(sealing_keys(settings))  # the key may have been changed while it waited
        await self._store.open()
        if not lead.is_shared and not await lead.try_acquire():  # of two that came up at once, the other made the file
            msg = f"Another bot has just come up on the database {settings.database}; start again to wait."
            raise StorageError(msg)
        started.push_async_callback(self._store.close)
        owner = f"run-{uuid.uuid4().hex}"
        await owners.hold(owner)
        started.push_async_callback(owners.release, owner)
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
            membership=self._membership,
        )
        await self._record(Known(workspace.team, workspace.url), lead)
        parts = self._readiness.parts = build(connected)
        await keep_answers(parts.directory, self._store, self._tasks, self._clock)
        leading = Leading(parts, owners, self._clock, self._tasks)
        replica = Replica(parts, connected, self._tokens, leading)
        started.push_async_callback(replica.wind_down)
        await self._lead(lead, leading)
        replica.begin()
        self._readiness.receiver = await replica.receive(started, took_over=standby)
        self._readiness.state = "running"
        log.info("connected to %s as %s", workspace.url, workspace.bot_name)
        self._tasks.background(check_grants(settings, parts.directory, parts.services.rules))
        if not settings.channels and not settings.grants:
            log.warning("%s", _ANYONE)

    async def _record(self, served: Known, lead: Leadership) -> None:
        """Record the workspace; on a server, once others let this process write: one of them may be held up in that."""
        while True:
            try:
                return await self._store.write(lambda db: workspaces.record(db, served, now=self._clock.now()))
            except StorageUnavailable as problem:
                if not lead.is_shared or problem.lasts:
                    raise
                self._readiness.state = "waiting for the database"
                log.warning("waiting for the database: %s", problem)
                await self._clock.sleep(DATABASE_LOOK_S)

    async def _lead(self, lead: Leadership, leading: Leading) -> None:
        """Lead, if this process does; where the lead is shared, whenever it does from now on."""
        if not lead.is_shared:
            await leading.begin()
            return
        electing = asyncio.create_task(lead_while_held(lead, leading, self._clock))
        self._started.push_async_callback(cancel_and_wait, electing)

    async def _workspace(self, client: WebClient) -> Workspace:
        """Check both tokens, waiting while Slack itself cannot be reached."""
        self._readiness.state = "waiting for Slack"
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

    async def _wait_for(self, lead: Leadership) -> None:
        """Wait as the standby of the process that holds the database, and log that once."""
        self._readiness.state = "standby"
        holder = lead.holder() or "(its id is not known)"
        log.warning("standby: process %s runs on this database; waiting to take over", holder)
        while not await lead.try_acquire():
            await self._clock.sleep(STANDBY_LOOK_S)
        log.warning("taking over: the database is free")
        self._readiness.state = "taking over"
