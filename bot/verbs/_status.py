"""status: the facts of one session, its commands, and their freshness."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.ports import (
    Context,
    Intent,
    Offer,
    Outcome,
    Right,
    Row,
    SessionId,
    SessionRef,
    Verb,
    data_excerpt,
    heard_words,
    live_calls_words,
    origin_words,
    place_words,
    rule_name,
    state_sign,
    state_words,
)
from bot.process import Clock
from bot.stops import SUMMARY_WORDS, answer_words, arrival_words, card_note, history_words, is_stale, part_outcome
from bot.text import ago, code, cut, duration_words, link, moment, person, strong
from bot.verbs import _list as list_
from bot.verbs._filters import unread, unread_words
from bot.verbs._lookup import session_for
from bot.verbs._replicas import replica_lines
from storage import bulks, commands, messages
from storage.bulks import Part
from storage.command import Command, CommandState
from storage.records import HistorySays, Origin, Session, State

_COMMANDS_SHOWN = 10
_DATA_SHOWN = 300
_NOTHING_WENT_OUT = {"stop": "nothing was left to do", "send": "the editor was opened"}
"""The word for a command that succeeded and sent nothing."""


@dataclass(frozen=True)
class Status(Intent):
    """The session; None where no id was typed."""

    id: SessionRef | None


async def run(status: Status, context: Context) -> Outcome:
    """Return the session and its commands; without an id, the open sessions, and the replicas if there are any."""
    if status.id is None:
        listed = await list_.run(list_.List({}), context)
        leases = await context.services.store.read(context.services.owners.leases)
        return replace(listed, says="\n".join([listed.says, *replica_lines(leases)]))
    session = await session_for(context, status.id)
    store, clock = context.services.store, context.services.clock
    looks = [each.name for each in context.services.verbs if each.right is Right.look]
    done = await store.read(
        lambda db: commands.of_session(db, session.id, without=looks, limit=_COMMANDS_SHOWN + 1),
    )
    parts = await store.read(lambda db: {each.id: bulks.part_of(db, each.id, session.id) for each in done})
    card = await store.read(lambda db: messages.card_of(db, session.id))
    stop = context.services.rules.stop_request(session.rule_id)
    warning = await store.read(lambda db: card_note(db, session, stop, context.services.sealer))
    missed = await _unread(session, context)
    address = context.services.board.link(card)
    name = link(address, session.name) if address else session.name
    lines = [
        f"{state_sign(session)} {strong(name)} {rule_name(session)} – {strong(state_words(session))}",
        *_beginning(session, clock),
        *missed,
        *([] if warning is None else [f"{warning}."]),
        *_stop(session, clock),
        *_end(session),
        f"Last: {session.last_event} ({ago(clock.age(session.changed_at))})",
        *_done(done, parts, clock),
    ]
    fresh = Row(text=_freshness(session, clock), stoppable=session, about=session)
    again = Offer(label="Refresh", intent=Status(SessionRef(session.id)))
    return Outcome(says="\n".join(lines), rows=(fresh,), offers=(again,))


def _beginning(session: Session, clock: Clock) -> list[str]:
    """Return the session's origin, data and limit."""
    since = session.started_at
    where, when = place_words(session).lstrip(), moment(since or session.created_at)
    began = "began " if session.origin is Origin.elsewhere else ""
    asked = f"{where[0].upper()}{where[1:]}, {origin_words(session)}, {began}{when}."
    running = (
        f" Running for {duration_words(clock.age(since))}." if since is not None and not session.seems_over else ""
    )
    where = f" in {session.application_name}" if session.application_name else ""
    facts = [f"{asked}{running}", f"Rule: {rule_name(session)}{where}, number {session.rule_id}."]
    if (given := data_excerpt(session, _DATA_SHOWN)) is not None:
        facts.append(f"Custom data: {given}")
    if session.history_id is not None:
        facts.append(f"At the platform: h{session.history_id}.")
    if not session.seems_over and session.state is not State.starting:
        reached = "The bot holds its URL" if session.has_url else "The bot holds no URL for it, so nothing can be sent"
        facts.append(f"{reached}.")
    if (heard := heard_words(session, clock)) is not None:
        facts.append(f"It announces itself: {heard}{live_calls_words(session)}.")
    if session.ending_at is not None and not session.seems_over:
        facts.append(f"It said {ago(clock.age(session.ending_at))} that it is ending.")
    if session.max is not None:
        over = f"; over it since {moment(session.over_max_at)}" if session.over_max_at is not None else ""
        facts.append(f"Limit: {duration_words(session.max)}{over}.")
    if session.expect_told_at is not None:
        facts.append(f"It runs longer than its rule expects; said {ago(clock.age(session.expect_told_at))}.")
    return facts


async def _unread(session: Session, context: Context) -> list[str]:
    """Return since when the announcements of its application cannot be read, where it announced itself."""
    if session.heard_at is None or session.seems_over:
        return []
    found = await context.services.store.read(lambda db: unread(db, session.application_id))
    return [unread_words(each, context.services.clock) for each in found[:1]]


def _stop(session: Session, clock: Clock) -> list[str]:
    """Return the progress of its stop."""
    stop = session.stop
    if stop is None:
        return []
    why = f": {cut(stop.reason, 300)}" if stop.reason else ""
    facts = [f"Stop asked for by {person(stop.by)} {ago(clock.age(stop.asked_at))}{why}."]
    if stop.may_have_arrived:
        facts.append(f"That stop {arrival_words(stop.arrived)} {ago(clock.age(stop.since))}.")
        if stop.taken_at is not None:
            facts.append(f"The scenario took it up {ago(clock.age(stop.taken_at))}.")
        elif stop.untaken_at is not None and not session.seems_over:
            facts.append(f"The scenario has not taken it up; said {ago(clock.age(stop.untaken_at))}.")
        if not session.seems_over and (answered := answer_words(session)) is not None:
            facts.append(answered)
    elif not session.seems_over:
        facts.append("That stop is not delivered.")
    if session.stop_state.needs_a_person and not session.seems_over:
        facts.append(f"Its end is not confirmed. {history_words(session)}")
    return facts


def _end(session: Session) -> list[str]:
    if not session.finish_reason:
        return []
    when = f" {moment(session.ended_at)}" if session.ended_at is not None else ""
    ran = f", after {duration_words(session.duration)}" if session.duration is not None else ""
    cost = "" if session.cost is None else f", cost {session.cost.normalize():f} {session.currency or ''}".rstrip()
    return [f"Ended: {session.finish_reason}{ran}{cost}.{when}"]


def _done(done: list[Command], parts: Mapping[int, Part | None], clock: Clock) -> list[str]:
    """Return the newest commands on the session but those that only look, with a note when there are more."""
    if not done:
        return []
    lines = [
        f"• {each.verb} by {person(each.actor)} {ago(clock.age(each.accepted_at))}, {each.via}: "
        f"{_effect_on(each, parts[each.id])}{_duration(each)}"
        for each in done[:_COMMANDS_SHOWN]
    ]
    more = [f"… and earlier ones; these are the newest {_COMMANDS_SHOWN}."] if len(done) > _COMMANDS_SHOWN else []
    return ["Commands, newest first:", *lines, *more]


def _effect_on(command: Command, part: Part | None) -> str:
    """Return a command's effect on this session: of several, not the others'; of none, not *done*."""
    if part is not None:
        return SUMMARY_WORDS.get(part_outcome(part), part_outcome(part))
    if command.state is CommandState.done and command.called_at is None:
        return _NOTHING_WENT_OUT.get(command.verb, command.state)
    return command.state


def _duration(command: Command) -> str:
    """Return the duration of a command, where somebody waited for it."""
    took = timedelta() if command.done_at is None else command.done_at - command.accepted_at
    return f", after {duration_words(took)}" if took >= timedelta(seconds=1) else ""


def _freshness(session: Session, clock: Clock) -> str:
    """Return the time of these facts: our own record is of now, the platform's is as old as its last reading."""
    if session.state.is_final:
        return f"As of {moment(clock.now())}. It is over; nothing will change."
    if session.history_at is None:
        why = "" if session.history_says is None else f" {history_words(session)}"
        return f"As of {moment(clock.now())}. The platform's history was not read yet.{why}"
    read = f"As of {moment(clock.now())}. The platform's history was read {ago(clock.age(session.history_at))}"
    if not session.stop_state.needs_a_person and session.history_says is not HistorySays.silent and is_stale(session):
        return f"{read}, before the stop."
    return f"{read}. {history_words(session)}"


VERB = Verb(
    name="status",
    takes=Status,
    arguments=(SessionId(optional=True),),
    summary="Show everything known of a session.",
    details=f"Only you see the answer. Without an id, the open sessions are listed. Example: {code('status 7')}.",
    right=Right.look,
    run=run,
)
