"""Sessions that last too long: said once when they outlast what is expected, stopped when they pass their limit.

The stop is an ordinary command with the bot as its actor. Its key is the session's, so that it is asked for once,
over restarts too; what the bot said about it is kept in the session's row.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot.alarms import call_for_somebody
from bot.mrkdwn import BOT, code, group, link, person
from bot.verbs.board import Reply, Telling
from bot.verbs.names import called
from bot.verbs.times import lasting
from bot.verbs.verb import Request, Services, Via
from storage import commands, messages, sessions
from storage.records import Session, State

log = logging.getLogger(__name__)

Submit = Callable[[Request], Awaitable[None]]
"""Has a command done as if it had been typed."""

_RUNS: Final = {State.running, State.stopping, State.unreachable, State.uncontrolled}


def due_at(session: Session, services: Services) -> datetime | None:
    """Say when something is to be said or done next because this session lasts, if anything is."""
    if session.state not in _RUNS or session.end_seen_at is not None or _is_being_stopped(session):
        return None
    limits, since = services.rules.limits(session.rule_id), _since(session)
    moments = []
    longest = session.max or limits.max
    if longest is not None and session.over_max_at is None:
        moments.append(since + longest)
    if limits.expect is not None and session.expect_told_at is None and session.over_max_at is None:
        moments.append(since + limits.expect)
    return min(moments, default=None)


async def look(services: Services, submit: Submit) -> None:
    """Say what is to be said of every session that lasts too long, and ask those over their limit to stop."""
    now = services.clock.now()
    open_ = await services.store.read(sessions.watched)
    due = [each.id for each in open_ if (moment := due_at(each, services)) is not None and moment <= now]
    if due:
        for changed in await services.store.write(lambda db: [_say(db, each, services, now) for each in due]):
            services.changes.tell(changed)
    for session in await services.store.read(_to_be_stopped):
        await submit(_stop(session))


def _say(db: Database, session_id: int, services: Services, now: datetime) -> Session | None:
    """Say it once, in the commit that says so in the row."""
    session = sessions.get(db, session_id)
    if session is None or (moment := due_at(session, services)) is None or moment > now:
        return None
    limits, lasts = services.rules.limits(session.rule_id), now - _since(session)
    longest = session.max or limits.max
    if longest is not None and lasts >= longest:
        return _say_over(db, session, longest, services, now)
    expected = lasting(limits.expect or lasts)
    event = f"It lasts longer than the {expected} that are expected."
    ways = [f"{code(f'{services.settings.command} stop {session.id}')} stops it."] if session.has_url else []
    lasts_longer = f"{called(session)} lasts longer than the {expected} that are expected of its rule."
    text = " ".join([*_mentioned(session, services), lasts_longer, *ways, *_runbook(session, services)])
    messages.add_reply(db, session.id, session.channel, Reply(text=text, buttons=True).body(), command=None, now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=event, expect_told_at=now)


def _say_over(db: Database, session: Session, longest: timedelta, services: Services, now: datetime) -> Session | None:
    event = f"It is over its limit of {lasting(longest)}"
    if session.has_url:
        event = f"{event}, so the bot asks it to stop."
    else:
        event = f"{event}, and nobody can stop it from here: the bot never received its URL."
    who = _mentioned(session, services)
    text = " ".join([*who, f"*Over its limit*: {called(session)}. {event}", *_runbook(session, services)])
    reply = Reply(text=text, broadcast=True, buttons=True)
    call_for_somebody(db, session, reply, " ".join([*who, f"{called(session)}: {event}"]), now=now)
    return sessions.note(db, session.id, now=now, by=BOT, event=event, over_max_at=now, max_s=longest.total_seconds())


def _to_be_stopped(db: Database) -> list[Session]:
    """Give those over their limit whose stop was not asked for yet by the bot; a person's own stop goes first."""
    over = [each for each in sessions.watched(db) if each.over_max_at is not None and each.state in _RUNS]
    return [
        each
        for each in over
        if each.has_url
        and each.end_seen_at is None
        and not _is_being_stopped(each)
        and commands.by_key(db, _key(each)) is None
    ]


def _is_being_stopped(session: Session) -> bool:
    return session.stop_asked_at is not None and session.unconfirmed_at is None


def _stop(session: Session) -> Request:
    async def tell(said: Telling) -> None:
        """Log what nobody typed and so nobody waits for; the thread has the result."""
        log.info("the limit of %s: %s", session.name, said.text)

    return Request(
        team=session.team,
        channel=session.channel,
        actor=BOT,
        via=Via.limit,
        key=_key(session),
        text=f'stop {session.id} "over its limit of {lasting(session.max or timedelta())}"',
        tell=tell,
        confirmed=True,
    )


def _key(session: Session) -> str:
    return f"limit:max:{session.id}"


def _since(session: Session) -> datetime:
    return session.started_at or session.called_at or session.created_at


def _mentioned(session: Session, services: Services) -> list[str]:
    """Mention whom the config names for this rule; without anybody there, the starter."""
    names = services.rules.limits(session.rule_id).notify or (session.starter,)
    return [group(each) if each.startswith("S") else person(each) for each in names]


def _runbook(session: Session, services: Services) -> list[str]:
    address = services.rules.runbook(session.rule_id)
    return [] if address is None else [f"{link(address, 'Runbook of this rule')}."]
