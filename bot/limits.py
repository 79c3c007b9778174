"""What happens because time has passed: a stop that stays unconfirmed is called so; old secrets are wiped."""

from datetime import datetime, timedelta

from sqlite_utils import Database

from bot.mrkdwn import code, escape, link, person
from bot.verbs.board import Reply
from bot.verbs.times import lasting, local
from bot.verbs.verb import Services
from bot.verbs.verdict import truth
from storage import messages, sessions
from storage.records import Session, State

_MAY_BE_UNCONFIRMED = {State.running, State.stopping, State.unreachable}


def unconfirmed_at(session: Session, services: Services) -> datetime | None:
    """Say when this session's stop is to be called unconfirmed, if it is on the way there."""
    since = session.stop_delivered_at or session.stop_asked_at
    if since is None or session.unconfirmed_at is not None or session.end_seen_at is not None:
        return None
    if session.state not in _MAY_BE_UNCONFIRMED:
        return None
    return since + timedelta(seconds=services.settings.confirm_seconds)


async def report_unconfirmed(services: Services) -> None:
    """Say in the thread, and in the channel, which stops are not confirmed in time, and what to do."""
    now = services.clock.now()

    def job(db: Database) -> list[Session | None]:
        overdue = [
            each
            for each in sessions.watched(db)
            if (moment := unconfirmed_at(each, services)) is not None and moment <= now
        ]
        return [_report(db, each, services, now=now) for each in overdue]

    waiting = await services.store.read(sessions.watched)
    if not any((moment := unconfirmed_at(each, services)) is not None and moment <= now for each in waiting):
        return
    for changed in await services.store.write(job):
        services.changes.tell(changed)


async def wipe_old_urls(services: Services) -> None:
    """Wipe the URLs of records that were closed without confirmation, when their time is over."""
    before = services.clock.now() - timedelta(days=services.settings.limits.abandoned_url_days)
    abandoned = await services.store.read(lambda db: sessions.count_by_state(db).get(State.abandoned, 0))
    if abandoned:
        await services.store.write(lambda db: sessions.wipe_abandoned_urls(db, abandoned_before=before))


def _report(db: Database, session: Session, services: Services, *, now: datetime) -> Session | None:
    event = f"The stop is not confirmed. {truth(session)}"
    changed = sessions.note(db, session.id, now=now, by="bot", event=event, unconfirmed_at=now)
    reply = Reply(text=_text(session, services, now), broadcast=True)
    messages.add_reply(db, session.id, session.channel, reply.body(), command=None, now=now)
    return changed


def _text(session: Session, services: Services, now: datetime) -> str:
    """Say what was sent and when, what the history says, and what to do."""
    since = session.stop_delivered_at or session.stop_asked_at or now
    word = "may have been delivered" if session.stop_doubtful else "was delivered"
    if session.stop_delivered_at is None:
        word = "found nobody at its URL"
    body = services.rules.stop_body(session.rule_id).decode("utf-8", "replace")
    slash, name = services.settings.command, f"{session.name} {escape(session.rule)}"
    by, ago = person(session.stop_by or ""), lasting(now - since)
    lines = [
        f"*Stop not confirmed*: {name} may still run, and bill. {truth(session)}",
        f"The stop by {by} ({code(body, 200)}) {word} {local(since)}, {ago} ago.",
        f"What to do: `{slash} stop {session.id}` asks again; `{slash} send {session.id} <json>` says it otherwise.",
    ]
    if (runbook := services.rules.runbook(session.rule_id)) is not None:
        lines.append(f"{link(runbook, 'Runbook of this rule')}.")
    number = f" with its number h{session.history_id}" if session.history_id is not None else ""
    lines.append(f"The platform has no forced stop; its support can be asked{number}.")
    return "\n".join(lines)
