"""The record of a session's URL, written before anything else: without it nobody can stop the session."""

import asyncio
from typing import Any

from bot.ports import Context, KnownOfSession
from bot.stops import deliver_stop
from bot.voximplant import AccessUrls
from storage import Connection, sessions, starts
from storage.records import Session, State
from storage.store import StorageUnavailable


class Running:
    """A session whose URL was received, and so runs. A kept stop is delivered once."""

    def __init__(self, session: Session, recorded: "asyncio.Future[Session | None]", on: Context) -> None:
        self._session = session
        self._recorded = recorded
        self._on = on
        self._brought = False

    async def bring_early(self) -> None:
        """Deliver a kept stop while the database cannot be written: it does not wait for that."""
        if self._recorded.done():
            return
        try:
            kept = await self._on.services.store.read(lambda db: sessions.get(db, self._session.id))
        except StorageUnavailable:
            kept = None
        await self._bring(self._on.services.backlog.as_known(kept or self._session))

    async def bring(self) -> None:
        """Deliver a kept stop: asked for before the URL was on record, and so delivered by nobody else."""
        await self._bring(await self._recorded)

    async def _bring(self, session: Session | None) -> None:
        if session is not None and session.stop is not None and not self._brought:
            self._brought = True
            await deliver_stop(session, self._on)


async def runs(session: Session, event: str, on: Context, urls: AccessUrls | None = None, **columns: Any) -> Running:
    """Record in a commit of its own that the session runs, with its URLs.

    Until it is on disk a stop finds the URLs in memory. A record that was closed meanwhile keeps them, too.
    """
    now, by = on.services.clock.now(), on.request.actor
    changes = {**_sealed(urls, on), **columns}

    def job(db: Connection) -> Session | None:
        return starts.record_running(db, session.id, by=by, event=event, now=now, **changes)

    known = KnownOfSession(session.id, {"state": State.running, **changes})
    return Running(session, await on.services.backlog.write(job, f"that {session.name} runs", known), on)


def _sealed(urls: AccessUrls | None, on: Context) -> dict[str, bytes]:
    if urls is None:
        return {}
    seal = on.services.sealer.seal
    both = {"secure_url": urls.secure, "plain_url": urls.plain}
    return {column: seal(url.reveal()) for column, url in both.items() if url is not None}
