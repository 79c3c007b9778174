"""The start of a session, also of an adopted one: its record, its card, its URL; or the end of what never started.

The URL is recorded before anything else: without it nobody can stop the session.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from bot.ports import CannotPost, ChosenRule, Context, KnownOfSession, Reply, when_recorded
from bot.process import Failpoint, reach, without_urls
from bot.stops import deliver_stop, outcome_words
from bot.text import BOT, person
from bot.voximplant import AccessUrls
from storage import Connection, bulks, messages, sessions, starts
from storage.errors import StorageUnavailable
from storage.records import Session, State
from storage.sessions import NewSession


async def new_session(
    rule: ChosenRule,
    context: Context,
    *,
    data: str | None = None,
    max_s: float | None = None,
    fingerprint: str | None = None,
) -> NewSession:
    """Return the record of a new session of this rule, of its actor, in the channel of the command.

    `fingerprint` tells which scenarios it runs; of one that was started elsewhere that is not known.
    """
    request = context.request
    facts = await context.services.policy.channel(request.channel)
    return NewSession(
        team=request.team,
        channel=request.channel,
        channel_private=facts.private,
        channel_shared=facts.shared,
        rule_id=rule.id,
        rule_name=rule.name,
        application_id=rule.application_id,
        application_name=rule.application_name,
        starter=request.actor,
        custom_data=None if data is None else without_urls(data),  # it is started with as typed, and kept without
        max_s=max_s,
        alias=rule.alias,
        rule_fingerprint=fingerprint,
    )


@asynccontextmanager
async def closed_on_failure(session: Session, context: Context, done: str, **columns: Any) -> AsyncIterator[None]:
    """Close the record, and raise again, if the steps in it fail: the session must not stay `starting`.

    `done` is what the session then was not; `columns` change with the record.
    """
    try:
        yield
    except Exception as problem:  # dispatch tells the person
        now, lost = context.services.clock.now(), f"It could not be recorded. Nothing was {done}."
        event = problem.sentence if isinstance(problem, CannotPost) else lost

        def job(db: Connection) -> Session | None:
            return settle_start(db, session, State.failed, by=BOT, event=event, now=now, **columns)

        recorded = await context.services.write_behind.write(job, f"that {session.name} was not {done}")
        when_recorded(recorded, context.services.changes.publish)
        raise


def settle_start(
    db: Connection, session: Session, to: State, *, event: str, now: datetime, **columns: Any
) -> Session | None:
    """Change the state; a stop that was kept for a session which never started gets its reply in the thread."""
    moved = sessions.move(db, session.id, to, event=event, now=now, **columns)
    stop = None if moved is None or to is not State.failed else moved.stop
    if moved is not None and stop is not None and stop.command is not None and not bulks.is_told_in_summary(db, moved):
        reply = Reply(text=f"Stop by {person(stop.by)}: {outcome_words(moved)} Nothing was sent.")
        messages.add_reply(db, moved.id, moved.channel, reply.body(), command=stop.command, now=now)
    return moved


class Running:
    """A session whose URL was received, and so runs. A kept stop is delivered once."""

    def __init__(self, session: Session, recorded: "asyncio.Future[Session | None]", context: Context) -> None:
        self._session = session
        self._recorded = recorded
        self._context = context
        self._is_delivered = False

    async def deliver_kept_stop_early(self) -> None:
        """Deliver a kept stop while the database cannot be written: it does not wait for that."""
        if self._recorded.done():
            return
        try:
            kept = await self._context.services.store.read(lambda db: sessions.get(db, self._session.id))
        except StorageUnavailable:
            kept = None
        await self._deliver(self._context.services.write_behind.as_known(kept or self._session))

    async def deliver_kept_stop(self) -> None:
        """Deliver a kept stop: asked for before the URL was on record, and so delivered by nobody else."""
        await self._deliver(await self._recorded)

    async def _deliver(self, session: Session | None) -> None:
        if session is not None and session.stop is not None and not self._is_delivered:
            self._is_delivered = True
            reach(Failpoint.kept_stop_due)
            await deliver_stop(session, self._context.services)


async def record_running(
    session: Session, event: str, context: Context, urls: AccessUrls | None = None, **columns: Any
) -> Running:
    """Record in a commit of its own that the session runs, with its URLs.

    Until it is on disk a stop finds the URLs in memory. A record that was closed meanwhile keeps them, too.
    """
    now, by = context.services.clock.now(), context.request.actor
    changes = {**_sealed(urls, context), **columns}

    def job(db: Connection) -> Session | None:
        return starts.record_running(db, session.id, by=by, event=event, now=now, **changes)

    known = KnownOfSession(session.id, {"state": State.running, **changes})
    recorded = await context.services.write_behind.write(job, f"that {session.name} runs", known)
    reach(Failpoint.recorded)
    return Running(session, recorded, context)


def _sealed(urls: AccessUrls | None, context: Context) -> dict[str, bytes]:
    if urls is None:
        return {}
    seal = context.services.sealer.seal
    both = {"secure_url": urls.secure, "plain_url": urls.plain}
    return {column: seal(url.reveal()) for column, url in both.items() if url is not None}
