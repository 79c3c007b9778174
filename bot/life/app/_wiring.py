"""Wiring: every part is built here once, and none is started; `_app` starts them."""

import asyncio
from dataclasses import dataclass

import aiohttp

from bot.access import Directory, WorkspacePolicy
from bot.dispatch import Dispatch, Drafts
from bot.life._services import Core, build_services
from bot.ports import Request, Services
from bot.process import RemoteClock
from bot.slack.api import Receiver, SlackFacts, WebClient, Workspace
from bot.slack.inbound import Clicks, Forms, Home, HttpMode, Listeners, Mentions, Router, SocketMode
from bot.slack.outbox import Messenger, NameBook, SlackFiles, Uploads
from bot.slack.responses import Modals, Responses
from bot.watch import Watch


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


def make_receiver(router: Router, on: Ground) -> Receiver:
    """Return Socket Mode when the app token is there, else HTTP mode; neither listens yet."""
    settings = on.settings
    if settings.slack_app_token is not None:
        return SocketMode(router, settings.slack_app_token.get_secret_value(), on.client, on.clock, settings.way_out)
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
    return HttpMode(router, secret, settings.host, settings.port, (on.slack_clock.now, on.clock.now))


def _listeners(dispatch: Dispatch, policy: WorkspacePolicy, directory: Directory, on: Ground) -> Listeners:
    drafts = Drafts(on.clock)
    responses = Responses(client=on.client, http=on.http, drafts=drafts, tasks=on.tasks, clock=on.clock)
    modals = Modals(on.client, on.tasks, on.clock, on.settings.command)
    return Listeners(
        dispatch=dispatch,
        drafts=drafts,
        responses=responses,
        home=Home(
            client=on.client,
            dispatch=dispatch,
            responses=responses,
            modals=modals,
            tasks=on.tasks,
            clock=on.clock,
        ),
        modals=modals,
        tasks=on.tasks,
        clock=on.clock,
        metrics=on.metrics,
        store=on.store,
        command=on.settings.command,
        is_ours=lambda origin: policy.is_ours(**origin),
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
