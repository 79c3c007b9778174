"""Limits on the duration of sessions: a notice after `expect`, a stop after `max`.

The stop is an ordinary command with the bot as its actor. Its key is the session's, so that it is admitted once,
over restarts too; the notice is recorded in the session's row. It takes two clocks to call a session too
old (`_ages`); while only one does, a person is notified and nothing is stopped.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Reply, Request, Response, Services, Via, data_suffix, session_name
from bot.process import Failpoint, reach
from bot.stops import on_call
from bot.text import BOT, code, duration_words, link, plain, strong
from bot.verbs import Stop, TheseSessions
from bot.watch._ages import Ages
from bot.watch._alarms import raise_alarm
from bot.watch._pieces import A_COMMIT, in_pieces, write_in_pieces
from storage import Connection, commands, messages, sessions
from storage.records import Session, State

log = logging.getLogger(__name__)

Submit = Callable[[Request], Awaitable[None]]
"""Submits a command to dispatch."""

DOUBTED_FOR: Final = timedelta(minutes=1)
"""For how long one clock alone must call a session over its limit: soon after the start nobody has asked the other."""

_TRIED_AGAIN: Final = timedelta(seconds=1)

_RUNS: Final = {State.running, State.stopping, State.unreachable, State.uncontrolled}


class Limits:
    """The limits of the open sessions; `submit` takes the stops of those that last too long."""

    def __init__(self, services: Services, ages: Ages, submit: Submit) -> None:
        self._services = services
        self._ages = ages
        self._submit = submit
        self._asked: set[int] = set()
        self._submitted: dict[int, float] = {}

    def forget(self, session_id: int) -> None:
        """Forget a session that is over."""
        self._asked.discard(session_id)
        self._submitted.pop(session_id, None)

    def due_in(self, session: Session) -> float | None:
        """Return the seconds until a notice, a doubt or a stop of this session is due, or None."""
        if session.over_max_at is not None:
            return self._submitted_again_in(session.id) if _may_be_stopped(session) else None
        limits = self._services.rules.limits(session.rule_id)
        longest = session.max or limits.max
        expect = None if session.expect_told_at is not None else limits.expect
        moments = [each for each in (longest, expect) if each is not None]
        if not moments or not _is_timed(session):
            return None
        agreed, oldest = self._ages.of(session)
        left = (min(moments) - agreed).total_seconds()
        if longest is None or session.max_doubted_at is not None:
            return left
        doubted = self._ages.doubt(session, oldest, longest)
        in_doubt = longest - oldest if oldest < longest else max(DOUBTED_FOR - doubted, timedelta())
        return min(left, in_doubt.total_seconds())

    def _submitted_again_in(self, session_id: int) -> float | None:
        """Return the seconds until a stop is submitted that no command is known of, or None.

        Counted from the last time, not from now: this is asked anew at every reading, of which there may be many.
        """
        if session_id in self._asked:
            return None
        last = self._submitted.get(session_id, -math.inf)
        return max(last + _TRIED_AGAIN.total_seconds() - self._services.clock.monotonic(), 0.0)

    async def enforce(self, found: Collection[Session]) -> None:
        """Post the due notices, and stop the sessions over their limit."""
        services, ages, now = self._services, self._ages, self._services.clock.now()
        due = [each.id for each in found if (left := _due_in(each, services, ages)) is not None and left <= 0]
        doubted = [each.id for each in found if _is_doubted(each, services, ages)]
        told = await self._tell(due, lambda db, each: _notify(db, each, services, ages, now))
        doubts = await self._tell(doubted, lambda db, each: _notify_doubt(db, each, services, ages, now))
        for each in doubts:
            log.warning(
                "%s is over its limit by one clock and not by another: it is not stopped until two agree", each.name
            )
        await self._stop({each.id: each for each in [*found, *told]})

    async def _tell(self, ids: Sequence[int], tell: Callable[[Connection, int], Session | None]) -> list[Session]:
        """Record notices a few at a time; return the sessions with one."""
        changed = await write_in_pieces(self._services.store, ids, tell, self._services.changes.publish)
        return [each for each in changed if each is not None]

    async def _stop(self, found: Mapping[int, Session]) -> None:
        """Submit the stops of the sessions over their limit, each once; a person's own stop goes first."""
        over = [each for each in found.values() if _may_be_stopped(each) and each.id not in self._asked]
        if not over:
            return
        new = await self._services.store.read(
            lambda db: [each for each in over if commands.by_key(db, _key(each)) is None]
        )
        self._asked |= {each.id for each in over} - {each.id for each in new}
        if new:
            reach(Failpoint.limit_passed)
        self._submitted.update(dict.fromkeys((each.id for each in new), self._services.clock.monotonic()))
        async for some in in_pieces(new, A_COMMIT):
            await asyncio.gather(*(self._submit(_stop(each)) for each in some))


def _due_in(session: Session, services: Services, ages: Ages) -> float | None:
    """Return the seconds until a notice of this session is due, or None."""
    if session.over_max_at is not None or not _is_timed(session):
        return None
    limits = services.rules.limits(session.rule_id)
    expect = None if session.expect_told_at is not None else limits.expect
    moments = [each for each in (session.max or limits.max, expect) if each is not None]
    return (min(moments) - ages.agreed_age(session)).total_seconds() if moments else None


def _longest(session: Session, services: Services) -> timedelta | None:
    return session.max or services.rules.limits(session.rule_id).max


def _may_be_stopped(session: Session) -> bool:
    """Return whether it is over its limit, and a stop would be delivered."""
    return session.over_max_at is not None and _is_timed(session) and session.stop_refusal is None


def _is_timed(session: Session) -> bool:
    """Return whether its duration counts: a first reading of *ended* is left to the second one."""
    return session.state in _RUNS and session.end_seen_at is None and not session.stop_state.is_waited_for


def _is_doubted(session: Session, services: Services, ages: Ages) -> bool:
    """Return whether exactly one clock has put it over its limit for a while; the notice is posted once."""
    longest = _longest(session, services)
    if longest is None or session.over_max_at or session.max_doubted_at or not _is_timed(session):
        return False
    return ages.agreed_age(session) < longest and ages.doubted_for(session, longest) >= DOUBTED_FOR


def _notify_doubt(db: Connection, session_id: int, services: Services, ages: Ages, now: datetime) -> Session | None:
    session = sessions.get(db, session_id)
    if session is None or not _is_doubted(session, services, ages):
        return None
    longest = _longest(session, services) or timedelta()
    event = f"By one clock it is over its limit of {duration_words(longest)}, and by no other"
    who = on_call(session, services)
    fact = (
        f"{strong('Perhaps over its limit')}: {session_name(session)}. {event}, so this machine's clock may be wrong."
    )
    typed = code(f"{services.settings.command} stop {session.id}")
    ways = [f"{typed} asks it to stop now."] if session.stop_refusal is None else []
    waits = "The bot does not ask it to stop until two clocks agree."
    text = _text([fact, who], [waits, *ways, *_runbook(session, services)])
    reply = Reply(text=text, broadcast=True, buttons=True)
    raise_alarm(db, session, reply, _line(session, f"{event}.", who), now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=f"{event}.", max_doubted_at=now)


def _notify(db: Connection, session_id: int, services: Services, ages: Ages, now: datetime) -> Session | None:
    """Record the notice once, in the commit that marks it in the row (One writer)."""
    session = sessions.get(db, session_id)
    if session is None or (left := _due_in(session, services, ages)) is None or left > 0:
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
    who = on_call(session, services)
    text = _text([lasts_longer, who], [*ways, *_runbook(session, services)])
    reply = Reply(text=text, buttons=True)
    if messages.card_of(db, session.id) is not None:
        messages.add_reply(db, session.id, session.channel, reply.body(), command=None, now=now)
    else:  # a reply makes its card: of thousands that nobody started here a few do, and the others are gathered
        raise_alarm(db, session, reply, _line(session, event, who), now=now)
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
    raise_alarm(db, session, reply, _line(session, event, who), now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=event, over_max_at=now, max_s=longest.total_seconds())


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
    return "\n".join(filter(None, (" ".join(filter(None, fact)), " ".join(details))))


def _line(session: Session, event: str, who: str) -> str:
    """Return the notice in one line, for a grouped message."""
    return f"{session_name(session)}{data_suffix(session)}: {event} {who}".rstrip()


def _runbook(session: Session, services: Services) -> list[str]:
    address = services.rules.runbook(session.rule_id)
    return [] if address is None else [f"{link(address, 'Runbook of this rule')}."]
