"""Wiring: every part is built here once, and none is started; `_app` starts them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from bot.access import Directory, WorkspacePolicy
from bot.account import Account, Rules
from bot.config import Settings
from bot.dispatch import Dispatch, Drafts
from bot.ports import Board, Changes, Files, Policy, Repeats, Request, Services, WriteBehind
from bot.process import Clock, RemoteClock, Tasks
from bot.process.ops import Metrics
from bot.slack.api import Entrance, SlackFacts, WebClient, Workspace
from bot.slack.inbound import Clicks, Forms, Home, HttpMode, Intake, Listeners, Mentions, SocketMode
from bot.slack.outbox import Messenger, NameBook, SlackFiles, Uploads
from bot.slack.responses import Dialogs, Responses
from bot.verbs import VERBS
from bot.voximplant import (
    LOG_HOSTS,
    ApiKey,
    Credentials,
    HostRules,
    Lanes,
    LogFiles,
    Management,
    PlainHttp,
    SessionRequests,
    load_credentials,
)
from bot.watch import Watch
from storage.sealing import BadKey, Sealer, load_or_make_key
from storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Core:
    """The parts that every process has, with Slack or without."""

    settings: Settings
    clock: Clock
    tasks: Tasks
    metrics: Metrics
    store: Store
    lanes: Lanes
    credentials: Credentials
    platform_clock: RemoteClock
    sealer: Sealer
    owner: str


@dataclass(frozen=True, kw_only=True)
class Ground(Core):
    """The parts that are checked and opened during the start, before the services."""

    http: aiohttp.ClientSession
    client: WebClient
    slack_clock: RemoteClock
    workspace: Workspace


@dataclass(frozen=True, kw_only=True)
class House:
    """The built services, none of them running yet."""

    services: Services
    messenger: Messenger
    watch: Watch
    directory: Directory
    dispatch: Dispatch
    listeners: Listeners
    mentions: Mentions
    clicks: Clicks
    forms: Forms


def build(on: Ground) -> House:
    """Build the services."""
    settings, clock = on.settings, on.clock
    workspace, look = on.workspace, asyncio.Event()
    uploads = Uploads(on.client, on.http)
    messenger = Messenger(on.client, uploads, on.store, clock, workspace_url=workspace.url, bot_name=workspace.bot_name)
    directory = Directory(SlackFacts(on.client, NameBook(on.store, on.tasks).learn), clock)
    policy = WorkspacePolicy(settings, workspace.team, workspace.enterprise, directory, on.store)
    files = SlackFiles(uploads, on.store, clock)
    services = build_services(on, policy, messenger, look.set, files, slack_now=on.slack_clock.now)
    dispatch = Dispatch(services, on.tasks, on.metrics)
    listeners = _listeners(dispatch, policy, directory, on)

    async def submit(request: Request) -> None:
        admission = await dispatch.admit(request)
        if admission.work is not None:
            on.tasks.work(admission.work)

    return House(
        services=services,
        messenger=messenger,
        watch=Watch(services, look, submit=submit),
        directory=directory,
        dispatch=dispatch,
        listeners=listeners,
        mentions=_mentions(listeners, on),
        clicks=Clicks(listeners=listeners, board=messenger),
        forms=Forms(listeners=listeners, services=services),
    )


def build_services(
    on: Core,
    policy: Policy,
    board: Board,
    wake_watch: Callable[[], None],
    files: Files,
    *,
    slack_now: Callable[[], datetime],
) -> Services:
    """Return the services of verbs: the same in the bot and at a terminal, but for policy and board."""
    settings, clock = on.settings, on.clock
    management = Management(
        settings.voximplant_api_url,
        on.credentials,
        on.lanes.platform,
        start_timeout=settings.start_timeout,
        read_timeout=settings.read_timeout,
        observe=on.metrics.platform,
        clock=on.platform_clock,
    )
    return Services(
        settings=settings,
        verbs=VERBS,
        store=on.store,
        backlog=WriteBehind(on.store, clock, on.tasks),
        sealer=on.sealer,
        management=management,
        requests=_session_requests(on),
        rules=Rules(management, settings.rules, clock),
        account=Account(management),
        policy=policy,
        board=board,
        files=files,
        logs=LogFiles(
            on.lanes.logs,
            on.credentials,
            storages=_hosts((LOG_HOSTS,), settings),
            others=_hosts(settings.voximplant_log_hosts, settings),
            observe=on.metrics.platform,
        ),
        clock=clock,
        slack_now=slack_now,
        changes=Changes(),
        repeats=Repeats(clock),
        owner=on.owner,
        wake_watch=wake_watch,
    )


def way_in(intake: Intake, on: Ground) -> Entrance:
    """Return Socket Mode when the app token is there, else HTTP mode; neither listens yet."""
    settings = on.settings
    if settings.slack_app_token is not None:
        return SocketMode(intake, settings.slack_app_token.get_secret_value(), on.client, on.clock, settings.way_out)
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
    return HttpMode(intake, secret, settings.host, settings.port, (on.slack_clock.now, on.clock.now))


def read_credentials(settings: Settings, platform_clock: RemoteClock) -> Credentials:
    """Read the platform's credentials; raises CredentialsUnusable."""
    if settings.voximplant_credentials is not None:
        return load_credentials(settings.voximplant_credentials, lambda: platform_clock.now().timestamp())
    if settings.voximplant_account_id is None or settings.voximplant_api_key is None:
        raise AssertionError
    return ApiKey(settings.voximplant_account_id, settings.voximplant_api_key.get_secret_value())


def sealing_keys(settings: Settings, *, may_make: bool = True) -> list[str]:
    """Return the sealing keys; without a setting, one from a file beside the database, or a new one. Raises BadKey."""
    if settings.secret_keys:
        return [key.get_secret_value() for key in settings.secret_keys]
    path = path_beside(settings.database, ".key")
    if not may_make and not path.exists():
        raise BadKey(f"The key file {path} is gone, and stored session URLs need it: put it back from your backup.")
    return [load_or_make_key(path)]


def path_beside(database: Path, ending: str) -> Path:
    """Return the path of a file beside the database, named after it."""
    return database.with_name(f"{database.name}{ending}")


def host_rules(settings: Settings) -> HostRules:
    """Return the rules for the hosts of session URLs."""
    return _hosts(settings.voximplant_session_hosts, settings)


def _hosts(patterns: Sequence[str], settings: Settings) -> HostRules:
    return HostRules(",".join(patterns), nat64=settings.voximplant_nat64_prefix, proxy=settings.way_out)


def _session_requests(on: Core) -> SessionRequests:
    settings = on.settings
    return SessionRequests(
        on.lanes,
        host_rules(settings),
        timeout=settings.session_timeout,
        plain_http=PlainHttp(settings.voximplant_plain_http),
        observe=on.metrics.platform,
    )


def _listeners(dispatch: Dispatch, policy: WorkspacePolicy, directory: Directory, on: Ground) -> Listeners:
    drafts = Drafts(on.clock)
    responses = Responses(client=on.client, http=on.http, drafts=drafts, tasks=on.tasks, clock=on.clock)
    dialogs = Dialogs(on.client, on.tasks, on.clock, on.settings.command)
    return Listeners(
        dispatch=dispatch,
        drafts=drafts,
        responses=responses,
        home=Home(
            client=on.client,
            dispatch=dispatch,
            responses=responses,
            dialogs=dialogs,
            tasks=on.tasks,
            clock=on.clock,
        ),
        dialogs=dialogs,
        tasks=on.tasks,
        clock=on.clock,
        metrics=on.metrics,
        store=on.store,
        command=on.settings.command,
        is_ours=policy.is_ours,
        group_changed=directory.groups.outdate,
    )


def _mentions(listeners: Listeners, on: Ground) -> Mentions:
    return Mentions(
        listeners=listeners,
        store=on.store,
        bot_user=on.workspace.bot_user,
        bot_name=on.workspace.bot_name,
        command=on.settings.command,
    )
