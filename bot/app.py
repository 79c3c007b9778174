"""Wiring and life: build the house, start it, drain it. The only module that knows all the others.

Bot.start    ops → tokens → database → lock (a second process waits as standby) → recovery → socket
Bot.stop     stop listening, finish what runs, record and show the truth about what was cut off, let go of the lock
"""

import asyncio
import contextlib
import logging
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.account import Account
from bot.clock import Clock
from bot.directory import Directory
from bot.dispatch import Dispatch
from bot.drafts import Drafts
from bot.ops import Metrics, OpsServer
from bot.policy import DefaultPolicy
from bot.recovery import close_books, recover
from bot.rules import Rules
from bot.settings import Settings
from bot.slack import web
from bot.slack.answers import Answers
from bot.slack.connection import Workspace, bolt_app, check_tokens, socket, web_client
from bot.slack.facts import SlackFacts
from bot.slack.listeners import Listeners
from bot.slack.messenger import Messenger
from bot.tasks import Tasks, ended, for_ever
from bot.verbs import VERBS
from bot.verbs.backlog import Backlog
from bot.verbs.changes import Changes
from bot.verbs.verb import Services
from bot.voximplant.credentials import ApiKey, Credentials
from bot.voximplant.credentials import load as load_credentials
from bot.voximplant.lanes import Lanes
from bot.voximplant.management import Management
from bot.voximplant.session_url import HostRules, PlainHttp, SessionRequests
from bot.watch import Watch
from storage import messages, sessions
from storage.lock import DatabaseLock, OwnerLocks
from storage.records import OPEN
from storage.sealing import Sealer, load_or_make_key
from storage.store import StorageError, Store, probe

log = logging.getLogger(__name__)

DRAIN_S: Final = 10.0
FLUSH_S: Final = 2.0
STANDBY_LOOK_S: Final = 0.5
SLACK_LOOK_S: Final = 30.0
SWITCH_INTERVAL_S: Final = 0.0005
"""Bolt polls for every ack: at thousands of pending ones it starves the writer thread without this."""

_SLACK_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, kw_only=True)
class House:
    """Everything that is built once the database is ours, and nothing that is running yet."""

    services: Services
    messenger: Messenger
    watch: Watch
    dispatch: Dispatch
    listeners: Listeners


class Bot:
    """One process of the bot. `start` returns when connected; `stop` undoes whatever has been started."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        self._tasks = Tasks()
        self._metrics = Metrics()
        self._started = contextlib.AsyncExitStack()
        self._store = Store(settings.database)
        self._lanes = Lanes()
        self._handler: AsyncSocketModeHandler | None = None
        checks = {"socket": self._socket_is_ready, "database": self._database_is_ready}
        self._ops = OpsServer(settings.ops_host, settings.ops_port, self._metrics, checks, self._measure)
        self._state = "starting"
        self._loops: list[asyncio.Task[None]] = []

    @property
    def ops_port(self) -> int:
        """The port of the ops endpoints."""
        return self._ops.port

    async def start(self) -> None:
        """Come up until connected to Slack; on a failure, everything is let go again.

        Raises, each with a sentence: PortTaken, WrongToken, CredentialsUnusable, BadKey, StorageError.
        """
        sys.setswitchinterval(SWITCH_INTERVAL_S)
        try:
            await self._come_up()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop listening, let running work finish, tell the truth of what was cut off, let go of everything."""
        self._state = "stopping"
        await self._started.aclose()

    async def _come_up(self) -> None:
        settings, started = self._settings, self._started
        await self._ops.start()
        started.push_async_callback(self._ops.stop)
        credentials = _credentials(settings)
        sealer = Sealer(_keys(settings))
        http = await started.enter_async_context(aiohttp.ClientSession(timeout=_SLACK_TIMEOUT))
        client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, http)
        workspace = await self._workspace(client)
        await self._take_database()
        owner, owners = f"run-{uuid.uuid4().hex}", OwnerLocks(_beside(settings.database, ".owners"))
        owners.hold(owner)
        started.callback(owners.release, owner)
        await started.enter_async_context(self._lanes)
        house = self._build(client, http, workspace, sealer, credentials, owner)
        await self._run(house, owners)
        await self._connect(house, client, workspace)
        log.info("connected to %s as %s", workspace.url, workspace.bot_name)

    async def _workspace(self, client: AsyncWebClient) -> Workspace:
        """Check both tokens, waiting while Slack itself cannot be asked."""
        self._state = "waiting for Slack"
        pause = 0.0
        while True:
            try:
                return await check_tokens(client, _app_token(self._settings))
            except web.Later as later:
                pause = min(max(2 * pause, later.seconds), SLACK_LOOK_S)
                log.warning("waiting for Slack: %s; asking again in %g s", later.why, pause)
                await self._clock.sleep(pause)

    async def _take_database(self) -> None:
        """Hold the database alone; while another process does, wait as its standby, and say so once."""
        lock = DatabaseLock(self._settings.database)
        if not lock.try_acquire():
            self._state = "standby"
            log.warning("standby: process %s runs on this database; waiting to take over", lock.holder())
            while not lock.try_acquire():
                await self._clock.sleep(STANDBY_LOOK_S)
            log.warning("taking over: the database is free")
        self._state = "starting"
        self._started.callback(lock.release)
        await self._store.open()
        self._started.push_async_callback(self._store.close)

    def _build(  # noqa: PLR0917 - what was made on the way up, in that order, from one place
        self, client: AsyncWebClient, http: aiohttp.ClientSession, workspace: Workspace, sealer: Sealer,
        credentials: Credentials, owner: str,
    ) -> House:  # fmt: skip
        settings, clock, store = self._settings, self._clock, self._store
        management = Management(
            settings.voximplant_api_url,
            credentials,
            self._lanes.platform,
            start_timeout=settings.start_timeout,
            read_timeout=settings.read_timeout,
            observe=self._metrics.platform,
        )
        requests = SessionRequests(
            self._lanes,
            HostRules(",".join(settings.voximplant_session_hosts)),
            timeout=settings.session_timeout,
            plain_http=PlainHttp(settings.voximplant_plain_http),
            observe=self._metrics.platform,
        )
        messenger = Messenger(client, store, clock, workspace_url=workspace.url, bot_name=workspace.bot_name)
        look = asyncio.Event()
        services = Services(
            settings=settings,
            verbs=VERBS,
            store=store,
            backlog=Backlog(store, clock, self._tasks),
            sealer=sealer,
            management=management,
            requests=requests,
            rules=Rules(management, settings.rules, clock),
            account=Account(management),
            policy=DefaultPolicy(settings, workspace.team, Directory(SlackFacts(client), clock), store),
            board=messenger,
            clock=clock,
            changes=Changes(),
            owner=owner,
            wake_watch=look.set,
        )
        dispatch = Dispatch(services, self._tasks, self._metrics)
        drafts = Drafts(clock)
        listeners = Listeners(
            dispatch=dispatch,
            drafts=drafts,
            answers=Answers(http, drafts, self._tasks, clock),
            tasks=self._tasks,
            clock=clock,
            metrics=self._metrics,
            store=store,
            command=settings.command,
        )
        watch = Watch(services, self._metrics, look)
        return House(services=services, messenger=messenger, watch=watch, dispatch=dispatch, listeners=listeners)

    async def _run(self, house: House, owners: OwnerLocks) -> None:
        """Bring what was left half done to an end, and set the two loops going."""
        steps = (house.watch.step, house.messenger.step)
        self._started.push_async_callback(self._wind_down, house)
        await recover(house.services, house.dispatch, self._tasks, owners.is_alive)
        self._loops = [asyncio.create_task(for_ever(step, self._clock)) for step in steps]

    async def _wind_down(self, house: House) -> None:
        """Let what runs finish, record what was cut off, and show Slack what it has not got yet."""
        await self._tasks.drain(DRAIN_S, self._clock)
        try:
            await close_books(house.services, lambda owner: owner != house.services.owner)
            house.messenger.nudge()
            await house.messenger.flush(FLUSH_S)
        except StorageError as problem:
            log.error("the end is not recorded, the next process will do it: %s", problem)  # noqa: TRY400 - told whole
        for loop in self._loops:
            await ended(loop)

    async def _connect(self, house: House, client: AsyncWebClient, workspace: Workspace) -> None:
        """Listen; when it is over, no new command comes in and what runs may finish."""
        app = bolt_app(client, workspace)
        house.listeners.register(app)
        self._handler = socket(app, _app_token(self._settings), client)
        self._started.push_async_callback(self._handler.close_async)
        await self._handler.connect_async()  # type: ignore[no-untyped-call]
        self._state = "running"

    async def _measure(self) -> None:
        """Look at what is counted only when somebody asks."""
        for lane in (self._lanes.platform, self._lanes.send, self._lanes.stop):
            self._metrics.lane_in_flight.labels(lane.name).set(lane.in_flight)
            self._metrics.lane_waiting.labels(lane.name).set(lane.waiting)
        by_state = await self._store.read(sessions.count_by_state)
        for state in OPEN:
            self._metrics.sessions.labels(state).set(by_state.get(state, 0))
        self._metrics.messages_waiting.set(await self._store.read(messages.count_due))

    async def _socket_is_ready(self) -> str | None:
        """Say what is wrong with the connection to Slack, or None."""
        if self._handler is None:
            return self._state
        connected = await self._handler.client.is_connected()
        return None if connected else "not connected to Slack"

    async def _database_is_ready(self) -> str | None:
        """Say what is wrong with the database, or None; it must take a write."""
        if self._state != "running":
            return self._state
        try:
            await self._store.write(probe)
        except StorageError as problem:
            return str(problem)
        return None


def _app_token(settings: Settings) -> str:
    return settings.slack_app_token.get_secret_value() if settings.slack_app_token else ""


def _credentials(settings: Settings) -> Credentials:
    if settings.voximplant_credentials is not None:
        return load_credentials(settings.voximplant_credentials)
    if settings.voximplant_account_id is None or settings.voximplant_api_key is None:
        raise AssertionError
    return ApiKey(settings.voximplant_account_id, settings.voximplant_api_key.get_secret_value())


def _keys(settings: Settings) -> list[str]:
    """Give the keys that seal URLs; without a setting, one that lies beside the database."""
    if settings.secret_keys:
        return [key.get_secret_value() for key in settings.secret_keys]
    return [load_or_make_key(_beside(settings.database, ".key"))]


def _beside(database: Path, ending: str) -> Path:
    return database.with_name(f"{database.name}{ending}")
