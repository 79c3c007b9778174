"""close: close the record of a session whose end nobody could confirm – and keep watching it."""

from dataclasses import dataclass
from typing import Final

from bot.ports import (
    Context,
    Intent,
    NotNow,
    Outcome,
    Reply,
    Rest,
    Right,
    SessionId,
    SessionRef,
    Verb,
    command_row,
    session_name,
)
from bot.process import Failpoint, reach, scrub
from bot.stops import confirm_time_words, session_standing
from bot.text import code, cut, person
from bot.verbs._lookup import session_here
from storage import Connection, commands, messages, sessions, stops
from storage.command import CommandState
from storage.records import Session, State

_REASON_SHOWN: Final = 300


@dataclass(frozen=True)
class Close(Intent):
    """The session, and the reason."""

    id: SessionRef
    reason: str | None


async def run(close: Close, context: Context) -> Outcome:
    """Close the record, if no better outcome of this session is possible."""
    session = await session_here(context, close.id, "close", "closed")
    reason = cut(scrub((close.reason or "").strip()), _REASON_SHOWN)
    closed = await context.services.store.write(lambda db: _close(db, session.id, reason, context))
    if closed is None:
        now = await context.services.store.read(lambda db: sessions.get(db, session.id))
        raise NotNow(_refusal(now or session, context))
    reach(Failpoint.recorded)
    context.services.changes.publish(closed)
    return Outcome(says=_closed_words(closed), session=closed.id)


def _close(db: Connection, session_id: int, reason: str, context: Context) -> Session | None:
    """Close the record, and post it in the thread; None when the session's state forbids it by now.

    A stop that was asked for counts as not confirmed from now on, so that another one may be sent. The command is done
    in the same commit: a process that ends here leaves none that is said to have failed.
    """
    session, now = sessions.get(db, session_id), context.services.clock.now()
    if session is None or not session.is_closable:
        return None
    by = person(context.request.actor)
    event = f"Record closed by {by} without confirmation: {reason or _default_reason(session)}."
    closed = stops.close_record(db, session, by=context.request.actor, event=event, now=now)
    command = command_row(db, context)
    if closed is not None:
        reply = Reply(text=f"{event} {_consequences(closed)}")
        messages.add_reply(db, closed.id, closed.channel, reply.body(), command=command, now=now)
    if command is not None:
        commands.set_session(db, command, session_id)
    if command is not None and closed is not None:
        commands.finish(db, command, CommandState.done, scrub(_closed_words(closed)), now=now)
    return closed


def _closed_words(closed: Session) -> str:
    return f"The record of {session_name(closed)} is closed. {_consequences(closed)}"


def _default_reason(session: Session) -> str:
    """Return the session's problem as the reason, where none was given: a click gives no reason."""
    if session.stop_state.needs_a_person:
        return "its stop was not confirmed"
    return {
        State.unknown: "whether it was started is not known",
        State.uncontrolled: "nobody can stop it from here",
        State.unreachable: "nobody answered at its URL",
    }.get(session.state, "its end was not confirmed")


def _consequences(session: Session) -> str:
    """Return the sentence that a closed record ends nothing."""
    says = "Nothing was sent: it may still run and bill. Its end is still watched for"
    return f"{says}, and it can still be asked to stop." if session.stop_refusal is None else f"{says}."


def _refusal(session: Session, context: Context) -> str:
    """Return the reason why there is nothing to close, with the person who closed it before."""
    name = session_name(session)
    if session.seems_over:
        return f"{session_standing(session)} There is nothing to close."
    if session.state is State.abandoned:
        return f"The record of {name} is closed already. Last: {session.last_event}"
    if session.stop_state.is_waited_for:
        checked = f"The stop of {name} is still being checked, for {confirm_time_words(context.services)}."
        return f"{checked} Close its record only if it is not confirmed by then."
    return f"{name} is {session.state}, so its record stays open. {code('stop')} asks it to end."


VERB = Verb(
    name="close",
    takes=Close,
    arguments=(SessionId(), Rest("reason")),
    summary="Close the record of a session whose end cannot be confirmed.",
    details=(
        "For a session that is unknown, uncontrolled or unreachable, or whose stop is not confirmed. Nothing is "
        "sent; its end is still watched for, and it can still be asked to stop while its URL is held. "
        f"Example: {code('close 7 support ended it')}."
    ),
    right=Right.close,
    run=run,
)
