"""Recovery: commands that a dead process left unfinished get a truthful outcome. Once, at the take-over.

start that runs    its URL was recorded, its outcome not   → done
accepted start     nothing was started                     → failed
accepted adopt     nothing was adopted                     → failed
calling start      it may have been started                → unknown, then looked for in the history
accepted send      nothing was sent                        → failed
accepted close     nothing was closed                      → failed
calling send       it may have arrived                     → unknown, not repeated
half-done stop     asked for and not known to be delivered → done again, with the same request id
anything else      only told something                     → failed

`again` is a start. The outcome of a start, an adoption, a send and a closing is a reply in the session's thread; of one
that came to no session, whose person waits for nothing else, it is a message in the channel.
"""

import functools
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.dispatch import Dispatch
from bot.ports import Reply, Respond, Response, Services, Via
from bot.process import Failpoint, Tasks, reach
from bot.stops import deliver_stop
from bot.text import BOT, call, code, plain
from bot.verbs import settle_start
from bot.watch import STARTING_VERBS
from storage import Connection, commands, messages, sessions, stops
from storage.command import Command, CommandState
from storage.records import State

log = logging.getLogger(__name__)

_STARTS: Final = frozenset({"start", "again"})
_TOLD: Final = {*STARTING_VERBS, "send", "close"}

_NOT_RUNNING: Final = {State.starting, State.unknown, State.failed}
_NOT_DONE: Final = {
    "close": "The bot stopped before it closed the record: it is as it was.",
    "adopt": "The bot stopped before it had adopted this: nothing was adopted.",
}
_RUNS: Final = "The session runs. The bot stopped before it said so."

IsAlive = Callable[[Connection, str], bool]
"""Return whether an owner lives, asked within a job."""


async def recover_dead_commands(services: Services, is_alive: IsAlive) -> list[Command]:
    """Record outcomes for commands of dead owners; return the unfinished stops, now owned by us."""
    now = services.clock.now()

    def job(db: Connection) -> tuple[list[Command], list[tuple[Command, str]]]:
        dead = _unfinished(db, is_alive, of_living=False)
        stops = [each for each in dead if each.verb == "stop"]
        closed = [(each, _close(db, each, services.settings.command, now)) for each in dead if each.verb != "stop"]
        commands.take_over(db, [each.id for each in stops], services.owner)
        return stops, closed

    stops, closed = await services.store.write(job)
    if stops or closed:
        reach(Failpoint.commands_closed)
    for command, words in closed:
        log.warning("command %d (%s) was cut off: %s", command.id, command.verb, plain(words))
    return stops


async def recover(services: Services, dispatch: Dispatch, tasks: Tasks, is_alive: IsAlive) -> None:
    """Finish commands of dead owners, then resume their stops. Those of a living owner stay its own."""

    def living(db: Connection) -> set[int]:
        return {each.id for each in _unfinished(db, is_alive, of_living=True)}

    not_ours = await services.store.read(living)
    not_ours |= await resume_dead_commands(services, dispatch, tasks, is_alive)
    for session in await services.store.read(stops.on_their_way):
        if session.stop and session.stop.command not in not_ours and session.has_url:
            tasks.work(deliver_stop(session, services, resumed=True))
    services.board.nudge()
    services.wake_watch()


async def resume_dead_commands(services: Services, dispatch: Dispatch, tasks: Tasks, is_alive: IsAlive) -> set[int]:
    """Finish commands of dead owners and resume their stops; return the resumed commands."""
    stops = await recover_dead_commands(services, is_alive)
    for command in stops:
        work = dispatch.resume(command, _log_of(command))
        if work is None:
            await services.store.write(functools.partial(_lost, command=command, now=services.clock.now()))
        else:
            tasks.work(work)
    return {command.id for command in stops}


async def has_dead(services: Services, is_alive: IsAlive) -> bool:
    """Return whether a dead process left a command without an outcome."""
    return await services.store.read(lambda db: bool(_unfinished(db, is_alive, of_living=False)))


def _unfinished(db: Connection, is_alive: IsAlive, *, of_living: bool) -> list[Command]:
    """Return the commands without an outcome whose owner lives, or does not; each owner is asked about once."""
    found = commands.unfinished(db)
    lives = {owner: is_alive(db, owner) for owner in {each.owner for each in found}}
    return [each for each in found if lives[each.owner] is of_living]


def _close(db: Connection, command: Command, slash: str, now: datetime) -> str:
    """Record a command's outcome and tell it; return the words."""
    called = command.state is CommandState.calling
    session = None if command.session is None else sessions.get(db, command.session)
    runs = command.verb in STARTING_VERBS and session is not None and session.state not in _NOT_RUNNING
    state = CommandState.done if runs else CommandState.unknown if called else CommandState.failed
    words = _RUNS if runs else _words(command, called=called)
    commands.finish(db, command.id, state, words, now=now)
    if session is not None and session.state is State.starting and command.verb in _STARTS:
        to = State.unknown if called else State.failed
        settle_start(db, session, to, by=BOT, event=words, now=now)
    elif session is not None and session.state is State.starting and command.verb == "adopt":
        sessions.move(db, session.id, State.failed, by=BOT, event=words, now=now, secure_url=None)
    if command.verb in _TOLD:
        _tell(db, command, f"{words} {call(command.actor)}", slash, now)
    return words


def _tell(db: Connection, command: Command, text: str, slash: str, now: datetime) -> None:
    """Record the reply in the thread of the command's session, else the message in its channel.

    A terminal ends where everybody sees it.
    """
    named = [command.session] if command.session is not None else commands.sessions_of(db, command.id)
    session = sessions.get(db, named[0]) if len(named) == 1 else None
    if session is not None and session.channel:
        messages.add_reply(db, session.id, session.channel, Reply(text=text).body(), command=command.id, now=now)
    elif command.channel and command.via != Via.terminal:
        body = {"text": f"{code(f'{slash} {command.verb}')}: {text}"}
        messages.add_summary(db, command.channel, body, command=command.id, now=now)


def _words(command: Command, *, called: bool) -> str:
    if command.verb in _STARTS:
        if called:
            return (
                "The bot stopped while the start was on its way, so whether it was started is not known. "
                "It is being looked for in the history, never started again."
            )
        return "The bot stopped before it called the platform: nothing was started."
    if command.verb == "send":
        if called:
            return "The bot stopped while this was being sent: it may have been delivered, and is not repeated."
        return "The bot stopped before it sent this: nothing was delivered."
    return _NOT_DONE.get(command.verb, "The bot stopped before it answered; ask again.")


def _lost(db: Connection, *, command: Command, now: datetime) -> None:
    words = "The bot stopped before it did this, and could not read it again; type the stop again."
    commands.finish(db, command.id, CommandState.failed, words, now=now)


def _log_of(command: Command) -> Respond:
    async def respond(response: Response) -> None:
        """Log a response that cannot be sent: the response_url died with its process; the thread has the result."""
        log.info("for %s, whose command was taken up again: %s", command.actor, plain(response.text))

    return respond
