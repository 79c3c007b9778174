"""stop: ask sessions to end, at once and for as many people as ask – and say what is known of it."""

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Final

from sqlite_utils import Database

from bot.mrkdwn import channel, escape, person
from bot.redaction import scrub
from bot.verbs.board import Offer, Telling
from bot.verbs.delivery import Delivery, bring_stop, new_request_id
from bot.verbs.errors import Answerable, NoSuchSession, NotNow, UsageProblem
from bot.verbs.grammar import Ids, Rest, SessionRef
from bot.verbs.lookup import session_for
from bot.verbs.names import called
from bot.verbs.times import ago
from bot.verbs.verb import Context, Outcome, Right, Verb, command_row
from bot.verbs.verdict import verdict
from storage import commands, sessions
from storage.records import CommandState, Session, State

_QUOTED: Final = re.compile(r'["“”„](?P<inside>.*)["“”]', re.DOTALL)
_MOST_AT_ONCE: Final = 50


@dataclass(frozen=True)
class Stop:
    """The sessions, and why."""

    ids: tuple[SessionRef, ...]
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What the person is told of one session, and how the command ends for it."""

    text: str
    state: CommandState
    wait_for: Session | None = None


async def run(stop: Stop, on: Context) -> Outcome:
    """Ask each session to end; one that hangs does not hold the others."""
    if len(stop.ids) > _MOST_AT_ONCE:
        raise UsageProblem(f"At most {_MOST_AT_ONCE} sessions at once. Nothing was stopped.")
    reason = _unquoted(scrub(stop.reason or ""))
    found = await _sessions(stop.ids, on)
    for session in found:
        if session.channel != on.request.channel:
            await on.services.policy.allow_elsewhere(on.request, Right.stop, session)
    question = None if on.request.confirmed else _question(found, on)
    if question is not None:
        return Outcome(state=CommandState.refused, says=question, offers=(_confirm(found, reason),))
    told = await asyncio.gather(*(_stop_one(session, reason, on) for session in found))
    waiting = [each.wait_for for each in told if each.wait_for is not None]

    async def afterwards() -> None:
        await _tell_verdicts(waiting, on)

    return Outcome(
        state=_worst([each.state for each in told]),
        says="\n".join(each.text for each in told),
        session=found[0].id if len(found) == 1 else None,
        afterwards=afterwards if waiting else None,
    )


def _unquoted(reason: str) -> str | None:
    reason = reason.strip()
    quoted = _QUOTED.fullmatch(reason)
    return (quoted["inside"].strip() if quoted else reason) or None


async def _sessions(ids: tuple[SessionRef, ...], on: Context) -> list[Session]:
    """Find the sessions, each once: its two numbers may both have been typed."""
    try:
        found = [await session_for(on, ref) for ref in ids]
    except NoSuchSession as missing:
        hint = " A reason that begins with a number goes in quotes." if len(ids) > 1 else ""
        raise NoSuchSession(f"{missing.sentence}{hint}") from None
    return list({session.id: session for session in found}.values())


def _question(found: list[Session], on: Context) -> str | None:
    """Ask before stopping several sessions, or another channel's: ids are easily mistyped."""
    elsewhere = [session for session in found if session.channel != on.request.channel]
    if len(found) == 1 and not elsewhere:
        return None
    lines = [f"{called(each)} in {channel(each.channel)}, {each.state}" for each in found]
    return "\n".join([f"Stop {_counted(found)}? Nothing was stopped yet.", *lines])


def _confirm(found: list[Session], reason: str | None) -> Offer:
    ids = " ".join(str(session.id) for session in found)
    label = f"Stop {found[0].name}" if len(found) == 1 else f"Stop {_counted(found)}"
    quoted = f' "{reason}"' if reason else ""
    return Offer(label=label, text=f"stop {ids}{quoted}", confirmed=True, danger=True)


def _counted(found: list[Session]) -> str:
    return found[0].name if len(found) == 1 else f"{len(found)} sessions"


async def _stop_one(session: Session, reason: str | None, on: Context) -> _Told:
    try:
        return await _ask(session, reason, on)
    except Answerable as answer:
        return _Told(text=answer.sentence, state=answer.state)


async def _ask(session: Session, reason: str | None, on: Context) -> _Told:
    if session.state.is_over:  # a first reading that says so may be wrong: then a stop still goes out
        return _Told(text=_over(session, on), state=CommandState.done)
    if session.state is not State.starting and not session.has_url:
        raise NotNow(_no_url(session))
    request_id, now = new_request_id(), on.services.clock.now()

    def want(db: Database) -> Session | None:
        command = command_row(db, on)
        if command is not None:
            commands.calling(db, command, now=now)
            commands.about(db, command, session.id)
        return sessions.want_stop(
            db,
            session.id,
            by=on.request.actor,
            reason=reason,
            command=command,
            request_id=request_id,
            now=now,
        )

    recorded = await on.services.backlog.write(want, f"a stop of {session.name}")
    wanted = recorded.result() if recorded.done() else _as_wanted(session, reason, request_id, on)
    if wanted is None:
        return await _already(session.id, on)
    on.services.changes.tell(wanted)
    on.services.board.nudge()
    if wanted.state is State.starting:
        return _kept(wanted)
    delivery = await bring_stop(wanted, on)
    waits = delivery.delivered or delivery.doubtful or delivery.gone
    return _Told(
        text=_what_came_of_it(wanted, delivery),
        state=CommandState.done if delivery.delivered else _state_of(delivery),
        wait_for=wanted if waits else None,
    )


def _as_wanted(session: Session, reason: str | None, request_id: str, on: Context) -> Session:
    """Go on without the record: a stop is not held up by a database that cannot be written."""
    return replace(
        session,
        stop_by=on.request.actor,
        stop_reason=reason,
        stop_request_id=request_id,
        stop_command=on.command,
        stop_asked_at=on.services.clock.now(),
    )


def _kept(session: Session) -> _Told:
    text = (
        f"{session.name} is still starting. Your stop is kept, and delivered the moment the platform "
        "answers with the session's URL."
    )
    return _Told(text=text, state=CommandState.done, wait_for=session)


def _what_came_of_it(session: Session, delivery: Delivery) -> str:
    name = called(session)
    if delivery.delivered:
        return f"Stop delivered to {name}. Whether it ended is being checked."
    sentence = escape(delivery.problem.sentence) if delivery.problem else ""
    if delivery.doubtful:
        return f"Stop perhaps delivered to {name}, its end is being checked. {sentence}"
    if delivery.gone:
        return f"Nobody answers at {name}'s URL: it has most likely ended, which is being checked. {sentence}"
    return f"The stop did not reach {name}. {sentence}"


def _state_of(delivery: Delivery) -> CommandState:
    return CommandState.unknown if delivery.doubtful else CommandState.failed


def _over(session: Session, on: Context) -> str:
    """Say who ended it and when; nothing is sent to what is over."""
    now = on.services.clock.now()
    if session.state is State.failed:
        return f"{called(session)} never started, so there is nothing to stop."
    when = f", {ago(session.ended_at, now)}" if session.ended_at else ""
    how = f" ({escape(session.finish_reason)})" if session.finish_reason else ""
    return f"{called(session)} has ended already{when}{how}, {_who(session)}. Nothing was sent."


def _who(session: Session) -> str:
    """Say who ended it: a stop that never arrived ended nothing."""
    if session.stop_by is None or session.stop_delivered_at is None:
        return "by itself"
    why = f": {escape(session.stop_reason, 300)}" if session.stop_reason else ""
    if session.stop_doubtful:
        return f"after a stop by {person(session.stop_by)} that may have arrived{why}"
    return f"stopped by {person(session.stop_by)}{why}"


def _no_url(session: Session) -> str:
    name = called(session)
    help_ = f" Its number at the platform is h{session.history_id}; support can be asked with it."
    known = help_ if session.history_id else ""
    return {
        State.unknown: (
            f"Whether {name} was started is not known, and the bot holds no URL for it, so nothing can be "
            "sent. It is being looked for in the history."
        ),
        State.uncontrolled: (
            f"{name} runs, but its URL was never received: nobody can stop it from here.{known} "
            "It ends with its last call, or 60 s after it has none."
        ),
    }.get(session.state, f"The bot holds no URL for {name}, so nothing can be sent.{known}")


async def _already(session_id: int, on: Context) -> _Told:
    """Tell the second person the truth about the first one's stop."""
    session = await on.services.store.read(lambda db: sessions.get(db, session_id))
    if session is None or session.state.is_over or session.stop_asked_at is None:
        text = _over(session, on) if session and session.state.is_over else "That session has just changed; ask again."
        return _Told(text=text, state=CommandState.done)
    when = ago(session.stop_asked_at, on.services.clock.now())
    asked = f"{called(session)}: {_by(session, on)} asked it to stop {when}"
    if session.state is State.starting:
        text = f"{asked}; it is kept until the start is answered. One stop is sent, not two."
    elif session.stop_delivered_at is None:
        text = f"{asked}; that stop is on its way. One stop is sent, not two."
    else:
        word = "may have been delivered" if session.stop_doubtful else "was delivered"
        text = f"{asked}; it {word}, and the end is being checked. Nothing more was sent."
    return _Told(text=text, state=CommandState.done, wait_for=session)


def _by(session: Session, on: Context) -> str:
    return "you" if session.stop_by == on.request.actor else person(session.stop_by or "")


def _worst(states: list[CommandState]) -> CommandState:
    """One command, several sessions: it is as good as the worst of them."""
    order = [CommandState.unknown, CommandState.failed, CommandState.refused]
    return next((state for state in order if state in states), CommandState.done)


async def _tell_verdicts(waiting: list[Session], on: Context) -> None:
    """Tell the person what became of it in the end."""
    said = await asyncio.gather(*(verdict(session, on) for session in waiting))
    await on.request.tell(Telling(text="\n".join(said)))


VERB = Verb(
    name="stop",
    takes=Stop,
    arguments=(Ids(), Rest("reason")),
    summary="Ask a session to end, and say whether it did.",
    details=(
        "The scenario gets the rule's stop message; the platform's history then says whether the session "
        "ended. Several ids, or a session of another channel, are asked about first. A reason that begins "
        "with a number goes in quotes. Example: `stop 7 wrong number dialled`."
    ),
    right=Right.stop,
    run=run,
    urgent=True,
)
