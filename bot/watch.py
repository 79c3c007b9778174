"""Reading the history, and turning what it says into transitions.

Only the history ends a session here: a row with a finish reason that is not active, read twice. A row that is
missing means *not known yet*. The session's URL is never asked: every request to it does something.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlite_utils import Database

from bot import limits
from bot.ops import Metrics
from bot.readings import read
from bot.search import Search
from bot.tasks import rest
from bot.verbs.verb import Services
from bot.voximplant.errors import PlatformError, TryLater
from bot.voximplant.management import HistoryRow
from storage import sessions
from storage.records import HistorySays, Session, State
from storage.store import StorageUnavailable

log = logging.getLogger(__name__)

LADDER_S: Final = (1, 2, 4, 8, 15, 30)
"""When the history is asked after a stop or an unknown start, in seconds from it."""

SECOND_READING_S: Final = 1.0
IDS_A_CALL: Final = 1000
_AT_MOST_S: Final = 3600.0
_AT_LEAST_S: Final = 0.05


class Watch:
    """Looks open sessions up until their end is settled. One runs per database.

    Whoever sets `awake` says that something changed: a stop went out, a start was answered.
    """

    def __init__(self, services: Services, metrics: Metrics, awake: asyncio.Event) -> None:
        self._services = services
        self._metrics = metrics
        self._search = Search(services)
        self._awake = awake
        self._asked: dict[int, datetime] = {}
        self._not_before: datetime | None = None

    async def step(self) -> None:
        """Look once, then rest until the next look is due or something changes."""
        self._awake.clear()
        try:
            pause = await self.look()
        except StorageUnavailable as problem:
            log.warning("the watch cannot use the database: %s", problem)
            pause = self._services.settings.watch_seconds
        await rest(self._services.clock, pause, self._awake)

    async def look(self) -> float:
        """Ask about every session that is due; give the seconds until the next one is."""
        services = self._services
        watched = await services.store.read(sessions.watched)
        self._asked = {each.id: self._asked[each.id] for each in watched if each.id in self._asked}
        now = services.clock.now()
        due = [each for each in watched if self.due_at(each) <= now]
        if due and (self._not_before is None or self._not_before <= now):
            await self._ask(due)
        await limits.report_unconfirmed(services)
        await limits.wipe_old_urls(services)
        services.board.nudge()
        return await self._pause()

    def due_at(self, session: Session) -> datetime:
        """Say when the history should be asked about this session next."""
        asked = self._asked.get(session.id)
        if session.end_seen_at is not None:
            return (asked or session.end_seen_at) + timedelta(seconds=SECOND_READING_S)
        interval = timedelta(seconds=self._services.settings.watch_seconds)
        regular = (asked or session.changed_at) + interval
        since = _anchor(session)
        if since is None:
            return regular
        rungs = [since + timedelta(seconds=seconds) for seconds in LADDER_S]
        return min([rung for rung in rungs if asked is None or rung > asked] + [regular])

    async def _ask(self, due: Sequence[Session]) -> None:
        now = self._services.clock.now()
        self._asked.update({session.id: now for session in due})
        by_id = [session for session in due if session.history_id is not None]
        for first in range(0, len(by_id), IDS_A_CALL):
            await self._ask_by_id(by_id[first : first + IDS_A_CALL])
        for session in due:
            if session.history_id is None:
                await self._search.look_for(session)

    async def _ask_by_id(self, asked: Sequence[Session]) -> None:
        services = self._services
        try:
            rows = await services.management.call_history([each.history_id for each in asked if each.history_id])
        except PlatformError as problem:
            log.warning("the history could not be asked about %d sessions: %s", len(asked), problem)
            self._metrics.platform_reachable.set(0)
            self._hold_back(problem)
            ids = [session.id for session in asked]
            await services.store.write(lambda db: _silent(db, ids))
            return
        self._metrics.platform_reachable.set(1)
        found = {row.history_id: row for row in rows}
        currency = await services.account.currency() if any(row.has_ended for row in rows) else None
        await self._record(asked, found, currency)

    async def _record(self, asked: Sequence[Session], found: Mapping[int, HistoryRow], currency: str | None) -> None:
        services = self._services
        now = services.clock.now()

        def job(db: Database) -> list[Session | None]:
            return [read(db, session.id, found.get(session.history_id or 0), currency, now=now) for session in asked]

        for changed in await services.store.write(job):
            services.changes.tell(changed)

    def _hold_back(self, problem: PlatformError) -> None:
        if isinstance(problem, TryLater) and problem.retry_after:
            self._not_before = self._services.clock.now() + timedelta(seconds=problem.retry_after)

    async def _pause(self) -> float:
        services = self._services
        watched = await services.store.read(sessions.watched)
        now = services.clock.now()
        moments = [self.due_at(each) for each in watched]
        moments += [moment for each in watched if (moment := limits.unconfirmed_at(each, services)) is not None]
        if self._not_before is not None:
            moments = [max(each, self._not_before) for each in moments]
        soonest = min(((moment - now).total_seconds() for moment in moments), default=_AT_MOST_S)
        return min(max(soonest, _AT_LEAST_S), _AT_MOST_S)


def _anchor(session: Session) -> datetime | None:
    """Say from which moment the ladder counts: the stop, or a start of which nothing is known."""
    if session.state is State.unknown:
        return session.called_at or session.created_at
    return session.stop_delivered_at or session.stop_asked_at


def _silent(db: Database, ids: Sequence[int]) -> None:
    for session_id in ids:
        sessions.quietly(db, session_id, history_says=HistorySays.silent)
