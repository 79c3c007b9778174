"""One stop of one session: recorded, delivered, and reported – the same for one as for many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ports import Context, KnownOfSession, command_row, session_name
from bot.process import Failpoint, reach
from bot.stops._delivery import Delivery, deliver_stop, stop_request_id
from bot.stops._outcome import arrival_words, confirm_time_words, outcome_words, scenario_words, when_it_ended
from bot.text import cut, moment, person
from storage import Connection, sessions, stops
from storage.command import CommandState
from storage.records import Session, State, StopRefusal
from storage.stop import Stop, StopState


@dataclass(frozen=True, kw_only=True)
class StopResult:
    """The response about one session, and the state of the command for it.

    `refused` is true when no stop was recorded, `wait_for` is the session whose end is awaited, and `idle` is true when
    nothing was left to do: it is over, or a stop of it is under way.
    """

    text: str
    state: CommandState
    wait_for: Session | None = None
    refused: bool = False
    idle: bool = False


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One of the sessions that are to stop: `wanted` is it with the recorded stop; None where another came first.

    `refusal` is the result where none was recorded.
    """

    session: Session
    wanted: Session | None = None
    refusal: StopResult | None = None
    resumed: bool = False


async def stop_one(session: Session, reason: str | None, context: Context) -> StopResult:
    """Stop one session; a failure is in the result, never raised."""
    (asked,) = await ask((session,), reason, context)
    return await deliver(asked, context)


async def ask(found: Sequence[Session], reason: str | None, context: Context) -> list[Asked]:
    """Record the stops of these sessions, all in one commit; a refusal is in the result, never raised."""
    write_behind, key = context.services.write_behind, context.request.key
    found = [write_behind.as_known(each) for each in found]  # a URL may be here and not on disk yet
    refusals = {each.id: refusal for each in found if (refusal := _refusal(each)) is not None}
    wanting = {each.id: (each, stop_request_id(key, each.id)) for each in found if each.id not in refusals}
    request_ids = {number: request_id for number, (_, request_id) in wanting.items()}
    now, is_late = context.services.clock.now(), False

    def want(db: Connection) -> Mapping[int, Session | None]:
        by, command = context.request.actor, command_row(db, context)
        return stops.take_each(db, request_ids, by=by, reason=reason, command=command, now=now, is_late=is_late)

    taken: Mapping[int, Session | None] = {}
    if wanting:
        what = f"a stop of {', '.join(each.name for each, _ in wanting.values())}"
        known = (_with_wanted_stop(each, reason, request_id, context, now) for each, request_id in wanting.values())
        recorded = await write_behind.write(want, what, *known)
        is_late = not recorded.done()
        late = {number: write_behind.as_known(each) for number, (each, _) in wanting.items()}
        taken = late if is_late else recorded.result()
    return [
        Asked(
            session=each,
            wanted=(wanted := taken.get(each.id)),
            refusal=refusals.get(each.id),
            resumed=wanted is not None and wanted.stop is not None and wanted.stop.asked_at != now,
        )
        for each in found
    ]


async def deliver(asked: Asked, context: Context, *, is_of_many: bool = False) -> StopResult:
    """Deliver a stop that was recorded, alone or as one of many, and return its result."""
    if asked.refusal is not None:
        return asked.refusal
    wanted, services = asked.wanted, context.services
    if wanted is None:
        return await _earlier_stop(asked.session.id, context)
    reach(Failpoint.calling_marked)
    services.changes.publish(wanted)
    if not is_of_many:
        services.board.nudge()
    if wanted.state is State.starting:
        return _kept(wanted)
    delivery = await deliver_stop(wanted, services, is_of_many=is_of_many, resumed=asked.resumed)
    waits = delivery.delivered or delivery.doubtful or delivery.gone
    return StopResult(
        text=_result_of(wanted, delivery, confirm_time_words(services)),
        state=CommandState.done if delivery.delivered else _state_of(delivery),
        wait_for=wanted if waits else None,
    )


def _refusal(session: Session) -> StopResult | None:
    """Return the result where nothing can be stopped, or None."""
    if session.stop_refusal is StopRefusal.over:
        return StopResult(text=ended_words(session), state=CommandState.done, idle=True)
    if session.stop_refusal is StopRefusal.out_of_reach:
        return StopResult(text=_no_url(session), state=CommandState.refused, refused=True)
    return None


def _with_wanted_stop(
    session: Session, reason: str | None, request_id: str, context: Context, now: datetime
) -> KnownOfSession:
    """Return the session with a wanted stop, without the record: a stop does not wait for the database."""
    asked = Stop(
        by=context.request.actor,
        reason=reason,
        command=context.command,
        request_id=request_id,
        asked_at=now,
        version=session.stop.version if session.stop else None,
    )
    return KnownOfSession(session.id, {"stop": asked})


def _kept(session: Session) -> StopResult:
    text = (
        f"{session.name} is still starting. Your stop is kept, and delivered the moment the platform "
        "answers with the session's URL."
    )
    return StopResult(text=text, state=CommandState.done, wait_for=session)


def _result_of(session: Session, delivery: Delivery, how_long: str) -> str:
    name, checked = session_name(session), f"being checked, for {how_long}"
    if delivery.delivered:
        return f"Stop delivered to {name}. Whether it ended is {checked}."
    sentence = delivery.problem.sentence if delivery.problem else ""
    sentence += " An earlier attempt may have arrived." if delivery.is_of_earlier else ""
    if delivery.doubtful:
        return f"Stop perhaps delivered to {name}. Whether it ended is {checked}. {sentence}"
    if delivery.gone:
        return f"Nobody answers at {name}'s URL: it has most likely ended, which is {checked}. {sentence}"
    return f"The stop did not reach {name}. {sentence}"


def _state_of(delivery: Delivery) -> CommandState:
    return CommandState.unknown if delivery.doubtful else CommandState.failed


def ended_words(session: Session) -> str:
    """Return a sentence about the end of a session, its cause and time; nothing is sent to an ended session."""
    if session.state is State.failed:
        return f"{session_name(session)} never started, so there is nothing to stop."
    when = f", {moment(ended)}" if (ended := when_it_ended(session)) else ""
    how = f" ({session.finish_reason})" if session.finish_reason else ""
    return f"{session_name(session)} has ended already{when}{how}, {_ended_by(session)}. Nothing was sent."


def _ended_by(session: Session) -> str:
    """Return who ended it: a stop that never arrived ended nothing."""
    stop = session.stop
    if stop is None or not stop.may_have_arrived:
        return "by itself"
    why = f": {cut(stop.reason, 300)}" if stop.reason else ""
    if stop.is_doubtful:
        return f"after a stop by {person(stop.by)} that may have arrived{why}"
    return f"after a stop by {person(stop.by)}{why}"


def _no_url(session: Session) -> str:
    name = session_name(session)
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


async def _earlier_stop(session_id: int, context: Context) -> StopResult:
    """Return the state of the first person's stop, for the second person."""
    session = await context.services.store.read(lambda db: sessions.get(db, session_id))
    if session is not None and session.stop_refusal is StopRefusal.over:
        return StopResult(text=ended_words(session), state=CommandState.done, idle=True)
    if session is None or session.stop is None:
        return StopResult(text="That session has just changed; ask again.", state=CommandState.done)
    asked = f"{session_name(session)}: {_by(session.stop, context)} asked it to stop, {moment(session.stop.asked_at)}"
    if session.stop_state is StopState.kept:
        text = f"{asked}; it is kept until the start is answered. One stop is sent, not two."
    elif session.stop_state.needs_a_person:
        text = f"{asked}. {outcome_words(session)} Nothing more was sent."
    elif session.stop_state is StopState.on_its_way:
        text = f"{asked}; that stop is on its way. One stop is sent, not two."
    else:
        checked = f"the end is being checked, for {confirm_time_words(context.services)}"
        text = f"{asked}; it {arrival_words(session.stop.arrived)}, and {checked}. {scenario_words(session)}".rstrip()
        text = f"{text} Nothing more was sent."
    return StopResult(text=text, state=CommandState.done, wait_for=session, idle=True)


def _by(stop: Stop, context: Context) -> str:
    return "you" if stop.by == context.request.actor else person(stop.by)
