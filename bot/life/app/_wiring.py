"""Wiring: every part is built here once, and none is started; `_app` starts them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from bot.access import SlackDirectory, WorkspacePolicy
from bot.account import stop_request_of
from bot.directory import LookUpQueue
from bot.dispatch import Dispatch
from bot.life._services import ProcessParts, build_services
from bot.life.app._announced_parts import AnnouncedParts, build_announced
from bot.ports import Request, Services
from bot.process import RemoteClock
from bot.slack.api import Receiver, SlackFacts, WebClient, Workspace
from bot.slack.inbound import Clicks, Forms, Home, HttpMode, Listeners, Mentions, Router, SocketMode
from bot.slack.outbox import Messenger, NameBook, SlackBoard, SlackFiles, Uploads
from bot.slack.responses import Modals, Responses
from bot.stops import card_note
from bot.watch import Watch


@dataclass(frozen=True, kw_only=True)
class ConnectedParts(ProcessParts):
    """The parts that are checked and opened during the start, before the services."""

    http: aiohttp.ClientSession
    client: WebClient
    slack_clock: RemoteClock
    workspace: Workspace


@dataclass(frozen=True, kw_only=True)
class LeadingParts:
    """The parts of the one process that leads, made anew whenever it becomes the leader; none is running yet."""

    messenger: Messenger
    watch: Watch


@dataclass(frozen=True, kw_only=True)
class BotParts:
    """The built services, none of them running yet."""

    services: Services
    board: SlackBoard
    make_leading: Callable[[], LeadingParts]
    announced: AnnouncedParts
    directory: SlackDirectory
    dispatch: Dispatch
    listeners: Listeners
    mentions: Mentions
    clicks: Clicks
    forms: Forms


def build(parts: ConnectedParts) -> BotParts:
    """Build the services."""
    settings, clock = parts.settings, parts.clock
    workspace, look, look_ups = parts.workspace, asyncio.Event(), LookUpQueue()
    uploads = Uploads(parts.client, parts.http)
    board = SlackBoard(parts.store, clock, workspace_url=workspace.url, bot_name=workspace.bot_name)
    names = NameBook(parts.store, parts.tasks)
    directory = SlackDirectory(SlackFacts(parts.client, clock, names.learn), clock)
    policy = WorkspacePolicy(settings, workspace.team, workspace.enterprise, directory, parts.store)
    files = SlackFiles(uploads, parts.store, clock)
    services = build_services(
        parts,
        policy,
        board,
        look.set,
        files,
        announced=look_ups,
        slack_now=parts.slack_clock.now,
        known_name=names.known,
    )
    dispatch = Dispatch(services, parts.tasks, parts.metrics)
    listeners = _listeners(dispatch, policy, directory, parts)

    async def submit(request: Request) -> None:
        admission = await dispatch.admit(request)
        if admission.work is not None:
            parts.tasks.work(admission.work)

    def make_leading() -> LeadingParts:
        messenger = Messenger(
            parts.client,
            uploads,
            parts.store,
            clock,
            board.waiters,
            card_note=lambda db, session: card_note(
                db, session, stop_request_of(settings.rules, session.rule_id), parts.sealer
            ),
            leads=parts.membership.leadership.is_held,
        )
        return LeadingParts(messenger=messenger, watch=Watch(services, look, submit=submit))

    return BotParts(
        services=services,
        board=board,
        make_leading=make_leading,
        announced=build_announced(parts, services, look_ups),
        directory=directory,
        dispatch=dispatch,
        listeners=listeners,
        mentions=_mentions(listeners, parts),
        clicks=Clicks(listeners=listeners, board=board),
        forms=Forms(listeners=listeners, services=services),
    )


def make_receiver(router: Router, parts: ConnectedParts) -> Receiver:
    """Return Socket Mode when the app token is there, else HTTP mode; neither listens yet."""
    settings = parts.settings
    if settings.slack_app_token is not None:
        return SocketMode(
            router, settings.slack_app_token.get_secret_value(), parts.client, parts.clock, settings.way_out
        )
    secret = settings.slack_signing_secret.get_secret_value() if settings.slack_signing_secret else ""
    return HttpMode(router, secret, settings.host, settings.port, (parts.slack_clock.now, parts.clock.now))


def _listeners(
    dispatch: Dispatch, policy: WorkspacePolicy, directory: SlackDirectory, parts: ConnectedParts
) -> Listeners:
    responses = Responses(client=parts.client, http=parts.http, tasks=parts.tasks, clock=parts.clock)
    modals = Modals(parts.client, parts.tasks, parts.clock, parts.settings.command)
    return Listeners(
        dispatch=dispatch,
        responses=responses,
        home=Home(
            client=parts.client,
            dispatch=dispatch,
            modals=modals,
            tasks=parts.tasks,
            clock=parts.clock,
        ),
        modals=modals,
        tasks=parts.tasks,
        clock=parts.clock,
        metrics=parts.metrics,
        store=parts.store,
        command=parts.settings.command,
        is_ours=lambda origin: policy.is_ours(**origin),
        group_changed=directory.groups.invalidate,
    )


def _mentions(listeners: Listeners, parts: ConnectedParts) -> Mentions:
    return Mentions(
        listeners=listeners,
        store=parts.store,
        bot_user=parts.workspace.bot_user,
        bot_name=parts.workspace.bot_name,
        command=parts.settings.command,
    )
