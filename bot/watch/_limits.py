"""Limits on the duration of sessions: a notice after `expect`, a stop after `max`.

The stop is an ordinary command with the bot as its actor. Its key is the session's, so that it is admitted once,
over restarts too; the notice is recorded in the session's row. It takes two clocks to call a session too
old (`_ages`); while only one does, a person is notified and nothing is stopped.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Reply, Request, Response, Services, Via, data_suffix, session_name
from bot.stops import on_call
from bot.text import BOT, code, duration_words, link, plain, strong
from bot.verbs import Stop, TheseSessions
from bot.watch._ages import Ages
from bot.watch._alarms import raise_alarm
from storage import Connection, commands, messages, sessions
from storage.records import Session, State

log = logging.getLogger(__name__)

Submit = Callable[[Request], Awaitable[None]]
"""Submits a command to dispatch."""

DOUBTED_FOR: Final = timedelta(minutes=1)
"""For how long one clock alone must call a session over its limit: soon after the start nobody has asked the other."""

_RUNS: Final = {State.running, State.stopping, State.unreachable, State.uncontrolled}


def due_in(session: Session, services: Services, ages: Ages) -> float | None:
    """Return the seconds until a notice or a stop of this session is due, or None."""
    if session.over_max_at is not None or not _is_timed(session):
        return None
    limits, lasts = services.rules.limits(session.rule_id), ages.agreed_age(session)
    expect = None if session.expect_told_at is not None else limits.expect
    left = [each - lasts for each in (session.max or limits.max, expect) if each is not None]
    return min(left).total_seconds() if left else None


async def enforce_limits(services: Services, ages: Ages, submit: Submit) -> None:
    """Post the due notices, and stop the sessions over their limit."""
    now = services.clock.now()
    open_ = await services.store.read(sessions.watched)
    due = [each.id for each in open_ if (left := due_in(each, services, ages)) is not None and left <= 0]
    doubted = [each.id for each in open_ if _is_doubted(each, services, ages)]

    def job(db: Connection) -> tuple[list[Session | None], list[Session | None]]:
        said = [_notify(db, each, services, ages, now) for each in due]
        return said, [_notify_doubt(db, each, services, ages, now) for each in doubted]

    if due or doubted:
        said, doubts = await services.store.write(job)
        for each in filter(None, doubts):
            log.warning(
                "%s is over its limit by one clock and not by another: it is not stopped until two agree", each.name
            )
        for changed in said + doubts:
            services.changes.publish(changed)
    for session in await services.store.read(_due_stops):
        await submit(_stop(session))


def _is_timed(session: Session) -> bool:
    """Return whether its duration counts: a first reading of *ended* is left to the second one."""
    return session.state in _RUNS and session.end_seen_at is None and not session.stop_state.is_waited_for


def _is_doubted(session: Session, services: Services, ages: Ages) -> bool:
    """Return whether exactly one clock has put it over its limit for a while; the notice is posted once."""
    longest = session.max or services.rules.limits(session.rule_id).max
    if longest is None or session.over_max_at or session.max_doubted_at or not _is_timed(session):
        return False
    return ages.agreed_age(session) < longest and ages.doubted_for(session, longest) >= DOUBTED_FOR


def _notify_doubt(db: Connection, session_id: int, services: Services, ages: Ages, now: datetime) -> Session | None:
    session = sessions.get(db, session_id)
    if session is None or not _is_doubted(session, services, ages):
        return None
    longest = session.max or services.rules.limits(session.rule_id).max or timedelta()
    event = f"By one clock it is over its limit of {duration_words(longest)}, and by no other"
    who = on_call(session, services)
    fact = (
        f"{strong('Perhaps over its limit')}: {session_name(session)}. {event}, so this machine's clock may be wrong."
    )
    typed = code(f"{services.settings.command} stop {session.id}")
    ways = [f"{typed} asks it to stop now."] if session.stop_refusal is None else []
    waits = "The bot does not ask it to stop until two clocks agree."
    text = _text([fact, who], [waits, *ways, *_runbook(session, services)])
    line = f"{session_name(session)}{data_suffix(session)}: {event}. {who}"
    raise_alarm(db, session, Reply(text=text, broadcast=True, buttons=True), line, now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=f"{event}.", max_doubted_at=now)


def _notify(db: Connection, session_id: int, services: Services, ages: Ages, now: datetime) -> Session | None:
    """Record the notice once, in the commit that marks it in the row (One writer)."""
    session = sessions.get(db, session_id)
    if session is None or (left := due_in(session, services, ages)) is None or left > 0:
        return None
    limits, lasts = services.rules.limits(session.rule_id), ages.agreed_age(session)
    longest = session.max or limits.max
    if longest is not None and lasts >= longest:
        return _notify_over_max(db, session, longest, services, now)
    expected = duration_words(limits.expect or lasts)
    event = f"It lasts longer than the {expected} that are expected."
    typed = code(f"{services.settings.command} stop {session.id}")
    ways = [f"{typed} asks it to stop."] if session.stop_refusal is None else []
    lasts_longer = f"{session_name(session)} lasts longer than the {expected} that are expected of its rule."
    text = _text([lasts_longer, on_call(session, services)], [*ways, *_runbook(session, services)])
    messages.add_reply(db, session.id, session.channel, Reply(text=text, buttons=True).body(), command=None, now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=event, expect_told_at=now)


def _notify_over_max(
    db: Connection, session: Session, longest: timedelta, services: Services, now: datetime
) -> Session | None:
    event = f"It is over its limit of {duration_words(longest)}"
    if session.stop_refusal is None:
        event = f"{event}, so the bot asks it to stop."
    else:
        event = f"{event}, and nobody can stop it from here: the bot never received its URL."
    who = on_call(session, services)
    text = _text([f"{strong('Over its limit')}: {session_name(session)}. {event}", who], _runbook(session, services))
    reply = Reply(text=text, broadcast=True, buttons=True)
    raise_alarm(db, session, reply, f"{session_name(session)}{data_suffix(session)}: {event} {who}", now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=event, over_max_at=now, max_s=longest.total_seconds())


def _due_stops(db: Connection) -> list[Session]:
    """Return the sessions over their limit without a stop by the bot; a person's own stop goes first."""
    return [
        each
        for each in sessions.watched(db)
        if each.over_max_at is not None
        and _is_timed(each)
        and each.stop_refusal is None
        and commands.by_key(db, _key(each)) is None
    ]


def _stop(session: Session) -> Request:
    async def respond(response: Response) -> None:
        """Log the response, for which no person waits; the thread has the result."""
        log.info("the limit of %s: %s", session.name, plain(response.text))

    longest = duration_words(session.max or timedelta())
    return Request(
        team=session.team,
        channel=session.channel,
        actor=BOT,
        via=Via.limit,
        key=_key(session),
        asked=Stop(TheseSessions.own(session.id, reason=f"over its limit of {longest}")),
        respond=respond,
        confirmed=True,
    )


def _key(session: Session) -> str:
    return f"limit:max:{session.id}"


def _text(fact: list[str], details: list[str]) -> str:
    """Return the fact and its mentions on the first line, and the next steps below."""
    return "\n".join(filter(None, (" ".join(fact), " ".join(details))))


def _runbook(session: Session, services: Services) -> list[str]:
    address = services.rules.runbook(session.rule_id)
    return [] if address is None else [f"{link(address, 'Runbook of this rule')}."]
