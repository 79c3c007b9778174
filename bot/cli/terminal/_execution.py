"""One command typed at a terminal, executed in this process: the bot's own verbs, without Slack.

It works beside a running bot, which notices what is committed here, and without one: the history is read
here as well, about the sessions of this command. Messages for Slack are left in the database for the bot.
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from bot.cli._login_user import actor
from bot.cli.terminal import _channel as which_channel
from bot.cli.terminal._actor import FileRights, RecordingBoard
from bot.cli.terminal._files import ShownFiles
from bot.cli.terminal._progress import Progress, show_progress
from bot.config import PathKind, Settings, closed_path_words, is_closed, path_kind
from bot.dispatch import Dispatch, usage_words
from bot.life import (
    OtherProcesses,
    ProcessParts,
    build_services,
    read_credentials,
    recover_dead_commands,
    sealing_keys,
)
from bot.ports import Intent, Offer, Request, Response, Services, SessionRef, UsageProblem, Via
from bot.process import Clock, RemoteClock, Tasks, cancel_and_wait, repeat_forever, version_number
from bot.process.metrics import Metrics
from bot.text import code, foreign
from bot.verbs import BY_NAME, NEXT_PAGE, Find, Start, Stop, find_session, typed_refs, without_numbers_of
from bot.voximplant import Lanes
from bot.watch import Watch
from storage import Connection, commands, names, sessions, workspaces
from storage.command import Command
from storage.errors import StorageError
from storage.membership import make_membership
from storage.records import Session
from storage.sealing import Sealer
from storage.store import Store

PATIENCE_S: Final = 30.0
"""The time beyond SESSION_BOT_CONFIRM_SECONDS for which an outcome is waited for."""

_RENEWED_S: Final = 1.0
_DRAIN_S: Final = 5.0


class NoBotYet(StorageError):  # noqa: N818 - it names what is wrong, as its sentence does
    """No bot has ever run on this database; the text is a sentence for the person at the terminal."""


@dataclass(frozen=True, kw_only=True)
class TypedCommand:
    """A command as it was typed: its verb, and its intent or the problem with its words.

    `channel` is where it counts as typed; None: in none. `usage` is how it is typed.
    """

    verb: str
    asked: Intent | UsageProblem
    channel: str | None = None
    again: bool = False
    usage: str = ""


@dataclass
class CommandResult:
    """The result of a command: its row, its replies, and its sessions as they are now."""

    command: Command | None = None
    responses: list[Response] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)


Show = Callable[[Response], None]
Confirm = Callable[[Offer], bool]
"""Shows progress to a person who waits, and nothing else."""


@dataclass(frozen=True, kw_only=True)
class TerminalContext:
    """The parts that a command at the terminal needs. The end of the sessions in `mine` is looked for here.

    `names` are those of people and channels, as far as a bot on this database learnt them from Slack.
    """

    services: Services
    dispatch: Dispatch
    tasks: Tasks
    team: str
    mine: set[int]
    files: ShownFiles
    names: Mapping[str, str]


@contextlib.asynccontextmanager
async def open_terminal(settings: Settings, clock: Clock | None = None) -> AsyncIterator[TerminalContext]:
    """Open the database and build the services without Slack; at the end no work is left half done.

    Raises NoBotYet, StorageError, BadKey, CredentialsUnusable and OSError, each with a sentence or a file.
    """
    database = settings.database
    if isinstance(database, Path) and is_closed(database):
        raise StorageError(closed_path_words(database))
    if isinstance(database, Path) and path_kind(database) is PathKind.nothing:
        msg = f"There is no database {settings.database}: name the bot's own in SESSION_BOT_DATABASE."
        raise NoBotYet(msg)
    clock, tasks, metrics, look = clock or Clock(), Tasks(), Metrics(), asyncio.Event()
    platform_clock = RemoteClock(clock, "the platform's")
    account, store = read_credentials(settings, platform_clock), Store(settings.database)
    async with contextlib.AsyncExitStack() as opened:
        await store.open()
        opened.push_async_callback(store.close)
        workspace = await store.read(workspaces.known)
        if workspace is None:
            msg = "No bot has come up on this database yet, so its workspace is not known: let `session-bot run` once."
            raise NoBotYet(msg)
        owner = f"cli-{uuid.uuid4().hex}"
        membership = make_membership(settings.database, version_number(), clock.follow)
        owners = membership.owners
        await owners.hold(owner)  # as long as this process lives, nobody takes its commands for left over
        opened.push_async_callback(owners.release, owner)
        sealed = await store.read(sessions.has_urls)  # a lost key is the bot's to replace, which says so
        parts = ProcessParts(
            settings=settings, clock=clock, tasks=tasks, metrics=metrics, store=store,
            lanes=await opened.enter_async_context(Lanes(proxy=settings.way_out)), credentials=account,
            platform_clock=platform_clock,
            sealer=Sealer(sealing_keys(settings, may_make=not sealed)), owner=owner,
            membership=membership,
        )  # fmt: skip
        files = ShownFiles()
        policy = FileRights(settings, workspace.team, store)
        known, board = await store.read(names.of_all), RecordingBoard(workspace.url)
        services = build_services(
            parts, policy, board, look.set, files, slack_now=clock.now, known_name=known.get
        )  # fmt: skip
        mine = set[int]()

        async def renew() -> None:
            await clock.sleep(_RENEWED_S)
            owners.renew()

        steps = (Watch(services, look, only=mine).step, OtherProcesses(services).step, renew)
        loops = [asyncio.create_task(repeat_forever(step, clock)) for step in steps]
        opened.push_async_callback(_wind_down, services, tasks, loops)
        dispatch = Dispatch(services, tasks, metrics)
        yield TerminalContext(
            services=services, dispatch=dispatch, tasks=tasks, team=workspace.team, mine=mine, files=files,
            names=known,
        )  # fmt: skip


async def _wind_down(services: Services, tasks: Tasks, loops: list[asyncio.Task[None]]) -> None:
    """Wait for running work, and record an outcome for cut-off commands; the bot resumes a cut-off stop."""
    await tasks.drain(_DRAIN_S, services.clock)
    await recover_dead_commands(services, lambda _db, owner: owner != services.owner)
    for loop in loops:
        await cancel_and_wait(loop)


def read_words(verb: str, words: Mapping[str, Sequence[str]]) -> Intent | UsageProblem:
    """Return the intent of a shell's words, by the arguments of the verb; or the problem with them."""
    try:
        return BY_NAME[verb].of_words(**{name: [foreign(each) for each in given] for name, given in words.items()})
    except UsageProblem as problem:
        return problem


async def execute(
    typed: TypedCommand, context: TerminalContext, show: Show, confirm: Confirm, progress: Progress = lambda _: None
) -> CommandResult:
    """Execute one command, and wait for all its replies: of a stop, whether it is confirmed.

    `show` gets every reply as it comes, and `progress` the time a stop has been waited for. A command that needs
    confirmation is confirmed by `confirm`, and is then a second command, as a click would be.
    """
    result = await _execute(typed, context, show, progress)
    question = next((offer for response in result.responses for offer in response.offers if offer.confirmed), None)
    if question is not None and isinstance(question.intent, Start | Stop):
        if confirm(question):
            agreed = replace(typed, asked=question.intent, again=question.again)
            return await _execute(agreed, context, show, progress, confirmed=True)
        not_agreed = Response(
            text=f"{which_channel.nothing_done(question.intent)[:-1]}; add {code('--yes')} if it is meant."
        )
        result.responses.append(not_agreed)
        show(not_agreed)
        return result
    while (more := _next_page(result)) is not None:
        page = await _execute(replace(typed, asked=more), context, show, progress)
        result.command, result.responses = page.command, page.responses
        result.sessions += page.sessions
    return result


def _next_page(result: CommandResult) -> Intent | None:
    offers = [offer for response in result.responses for offer in response.offers]
    return next((offer.intent for offer in offers if offer.label == NEXT_PAGE), None)


async def _execute(
    typed: TypedCommand, context: TerminalContext, show: Show, progress: Progress, *, confirmed: bool = False
) -> CommandResult:
    result = CommandResult()

    async def respond(response: Response) -> None:
        result.responses.append(response)
        show(response)

    intent = None if isinstance(typed.asked, UsageProblem) else typed.asked
    refs = typed_refs(intent)
    named = await context.services.store.read(lambda db: _sessions(db, refs, context.team))
    open_ = await context.services.store.read(sessions.watched)
    context.mine.update(each.id for each in named or open_)
    is_of_one = len({each.id for each in named}) == 1 and len(named) == len(refs)
    request = Request(
        team=context.team,
        channel=typed.channel or (named[0].channel if is_of_one else ""),
        actor=actor(),
        via=Via.terminal,
        key=f"cli:{uuid.uuid4()}",
        asked=intent or typed.verb,
        respond=respond,
        again=typed.again,
        confirmed=confirmed,
    )
    request = replace(request, refused=await _refusal(request, typed, context))
    admission = await context.dispatch.admit(request)
    if admission.response is not None:
        await respond(admission.response)
    if admission.work is not None:
        context.tasks.work(admission.work)
        await _until_reported(request, named, context, progress)
    result.command = await context.services.store.read(lambda db: commands.by_key(db, request.key))
    shown = [row.about for response in result.responses for row in response.rows if row.about is not None]
    found = await context.services.store.read(lambda db: _concerned(db, result.command, named, shown))
    digits = context.services.settings.limits.log_phone_digits
    result.sessions = [without_numbers_of(each, digits) for each in found] if isinstance(intent, Find) else found
    return result


async def _refusal(request: Request, typed: TypedCommand, context: TerminalContext) -> Response | None:
    """Return the problem with the words or the channel, or the question about it; None for neither."""
    services, intent = context.services, request.asked if isinstance(request.asked, Intent) else None
    named = typed.channel if typed.channel is not None else request.channel or None
    if (problem := which_channel.problem(intent, named)) is not None:
        return Response(text=problem)
    if isinstance(typed.asked, UsageProblem):
        return Response(text=usage_words(BY_NAME[typed.verb], typed.asked, typed.usage))
    if not isinstance(intent, Start) or request.confirmed or services.settings.channels:
        return None  # what SESSION_BOT_CHANNELS holds is known, and the rest denied
    if await services.store.read(lambda db: workspaces.has_seen(db, request.channel)):
        return None
    return which_channel.unfamiliar(request.channel, intent, again=request.again)


def _sessions(db: Connection, refs: Sequence[SessionRef], team: str) -> list[Session]:
    found = [find_session(db, each, team) for each in refs]
    return [each for each in found if each is not None]


def _concerned(db: Connection, command: Command | None, named: list[Session], shown: list[Session]) -> list[Session]:
    """Return the sessions of a command, as they are now: named, shown, started or to be stopped by it."""
    ids = [each.id for each in (*named, *shown)]
    if command is not None:
        ids += commands.sessions_of(db, command.id)
    found = [sessions.get(db, each) for each in dict.fromkeys(ids)]
    return [each for each in found if each is not None]


async def _until_reported(request: Request, named: list[Session], context: TerminalContext, progress: Progress) -> None:
    """Wait until every reply is there and each stop is confirmed or given up, for the longest time that may take."""
    waits = [context.services.clock.sleep(context.services.settings.confirm_seconds + PATIENCE_S)]
    if isinstance(request.asked, Stop):
        waits.append(show_progress(context.services, progress, [each.id for each in named]))
    told = asyncio.create_task(_told(request.key, named, context))
    late, *telling = map(asyncio.create_task, waits)
    try:
        await asyncio.wait({late, told}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            told.result()
    finally:
        for each in (late, told, *telling):
            await cancel_and_wait(each)


async def _told(key: str, named: list[Session], context: TerminalContext) -> None:
    await context.tasks.idle()
    store, changes = context.services.store, context.services.changes
    command = await store.read(lambda db: commands.by_key(db, key))
    if command is None or command.verb != "stop" or command.state.did_nothing:
        return
    for session in await store.read(lambda db: _concerned(db, command, named, [])):
        if session.stop is None:
            continue

        async def read(which: int = session.id) -> Session | None:
            return await store.read(lambda db: sessions.get(db, which))

        await changes.until(session.id, lambda each: each.stop_state.has_outcome, read)
