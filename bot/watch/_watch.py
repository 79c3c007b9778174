"""Readings of the history, and the transitions they cause.

Only the history ends a session here: a row with a finish reason that is not active, read twice. A missing row
means *not known yet*. The session's URL is never asked: every request to it has an effect.
"""

import asyncio
import functools
import logging
import math
from collections.abc import Collection, Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.ports import SavepointGroup, Services
from bot.process import cancel_and_wait, wait_or_wake
from bot.voximplant import HistoryRow, Rows
from bot.voximplant.errors import PlatformError, TryLater, UnknownHistoryId
from bot.watch._ages import Ages
from bot.watch._apply_history import apply_reading
from bot.watch._limits import Submit, due_in, enforce_limits
from bot.watch._search import Search
from bot.watch._stranded_starts import settle_stranded_starts
from bot.watch._summaries import refresh_summaries
from bot.watch._unconfirmed import report_unconfirmed, unconfirmed_at, wipe_old_urls
from storage import Connection, history, messages, sessions
from storage.errors import StorageUnavailable
from storage.records import Session, State

log = logging.getLogger(__name__)

LOOK_UP_SCHEDULE_S: Final = (1, 2, 4, 8, 15, 30)
"""The moments of look-ups after a stop, an unknown start or a first reading of an end, in seconds from it."""

IDS_A_CALL: Final = 1000
LONGEST_HOLD_S: Final = 300.0
"""The platform may ask for a longer pause; nobody may be left in the dark for that long."""

_AT_MOST_S: Final = 3600.0
_LONGEST_UNKNOWN_S: Final = 10 * 86_400.0
_AT_LEAST_S: Final = 0.05


class Watch:
    """Looks up open sessions until their end is settled. One runs per database.

    `awake` is set after a change: a stop went out, a start was answered. Beside it a terminal
    may look after its `only` few sessions: every reading is applied compare-and-set, so two do no harm. With `submit`
    the limits of sessions are enforced.
    """

    def __init__(
        self,
        services: Services,
        awake: asyncio.Event,
        only: Collection[int] | None = None,
        submit: Submit | None = None,
    ) -> None:
        self._submit = submit
        self._only = only
        self._services = services
        self._search = Search(services)
        self._awake = awake
        self._asked: dict[int, float] = {}
        self._heard: dict[int, float] = {}
        self._ages = Ages(services.clock, services.management.clock)
        self._asking: set[int] = set()
        self._questions: set[asyncio.Task[None]] = set()
        self._alone: set[int] = set()
        self._awaited: set[int] = set()
        self._not_before = -math.inf

    async def step(self) -> None:
        """Look once, then wait until the next look is due or something changes."""
        self._awake.clear()
        try:
            try:
                pause = await self._look()
            except StorageUnavailable as problem:
                log.warning("the watch cannot use the database: %s", problem)
                pause = self._services.settings.watch_seconds
            await wait_or_wake(self._services.clock, pause, self._awake)
        except asyncio.CancelledError:
            await asyncio.gather(*map(cancel_and_wait, self._questions))
            raise

    async def _look(self) -> float:
        """Ask about every session that is due; return the seconds until the next one is."""
        services = self._services
        await settle_stranded_starts(services)
        watched = await self._watched()
        ids = {each.id for each in watched}
        self._asked = {key: moment for key, moment in self._asked.items() if key in ids}
        self._heard = {key: moment for key, moment in self._heard.items() if key in ids}
        self._alone &= ids
        self._awaited &= ids
        self._ages.keep_only(ids)
        now = services.clock.monotonic()
        free = [each for each in watched if each.id not in self._asking]
        wanted = services.changes.to_look_at()
        self._awaited |= wanted & ids
        if self._not_before <= now and any(self.due_at(each) <= now or each.id in wanted for each in free):
            self._ask([each for each in free if each.id in wanted or self.due_at(each) <= self._horizon(each, now)])
        await report_unconfirmed(services, self._has_answered)
        await wipe_old_urls(services)
        if self._submit is not None:
            await enforce_limits(services, self._ages, self._submit)
        await refresh_summaries(services)
        services.board.nudge()
        return await self._pause()

    def due_at(self, session: Session) -> float:
        """Return when the history should be asked about this session next, in monotonic seconds."""
        at, asked, anchor = self._services.clock.at, self._asked.get(session.id), _anchor(session)
        since = None if anchor is None else at(anchor)
        interval = float(self._services.settings.watch_seconds)
        if session.state is State.unknown and asked is not None and since is not None:
            seldom = min(asked - since, _LONGEST_UNKNOWN_S) / 10  # what is not found for hours is asked for less often
            interval = max(interval, seldom)
        regular = (at(session.changed_at) if asked is None else asked) + interval
        if since is None:
            return regular
        moments = [since + seconds for seconds in LOOK_UP_SCHEDULE_S]
        if (deadline := unconfirmed_at(session, self._services)) is not None:
            moments.append(deadline)  # nothing is called unconfirmed on an old reading
        return min([moment for moment in moments if asked is None or moment > asked] + [regular])

    def _has_answered(self, session: Session, deadline: float) -> bool:
        """Return whether the history has answered, or failed to, since a stop's deadline; while held back, it fails."""
        if self._not_before > self._services.clock.monotonic():
            return True
        heard = self._heard.get(session.id)
        return heard is not None and heard >= deadline

    def _horizon(self, session: Session, now: float) -> float:
        """Return how far ahead to look: sessions due soon are asked about in the call of those due now."""
        if session.history_id is None or session.end_seen_at is not None:
            return now  # a search is a call of its own, and a second reading comes after its time
        return now + self._services.settings.watch_seconds / 2

    async def _watched(self) -> list[Session]:
        """Return the sessions to watch; a start whose call is under way is settled by its own answer."""
        open_ = await self._services.store.read(sessions.watched)
        mine = open_ if self._only is None else [each for each in open_ if each.id in self._only]
        return [each for each in mine if each.state is not State.starting]

    def _ask(self, about: Sequence[Session]) -> None:
        """Ask about all of them concurrently: a hanging question delays no other session."""
        together = [each for each in about if each.history_id is not None and each.id not in self._alone]
        for first in range(0, len(together), IDS_A_CALL):
            batch = together[first : first + IDS_A_CALL]
            self._begin(self._ask_by_id(batch), batch)
        for session in about:
            if session.history_id is None:
                self._begin(self._search.look_for(session), [session])
            elif session.id in self._alone:
                self._begin(self._ask_by_id([session]), [session])

    def _begin(self, question: Coroutine[Any, Any, None], about: Sequence[Session]) -> None:
        now, ids = self._services.clock.monotonic(), {session.id for session in about}
        self._asked.update(dict.fromkeys(ids, now))
        self._asking |= ids
        task = asyncio.create_task(self._await_answer(question, ids))
        self._questions.add(task)
        task.add_done_callback(self._questions.discard)

    async def _await_answer(self, question: Coroutine[Any, Any, None], ids: set[int]) -> None:
        """Wait for the end of a question, and look again."""
        try:
            await question
        except StorageUnavailable as problem:
            log.warning("what the history said cannot be recorded: %s", problem)
        except Exception:  # the log has it, and these sessions are asked about again when they are due
            log.exception("a question to the history went wrong")
        finally:
            self._asking -= ids
            self._heard.update(dict.fromkeys(ids, self._services.clock.monotonic()))
            self._awake.set()

    async def _ask_by_id(self, asked: Sequence[Session]) -> None:
        """Ask about several; a session that breaks the answer is asked about alone from then on."""
        services = self._services
        ids = {session.id for session in asked}
        try:
            rows = await services.management.call_history([each.history_id for each in asked if each.history_id])
        except UnknownHistoryId:
            if len(asked) > 1:
                middle = len(asked) // 2
                await self._ask_by_id(asked[:middle])
                await self._ask_by_id(asked[middle:])
                return
            self._alone |= ids
            rows = Rows()
        except PlatformError as problem:
            log.warning("the history could not be asked about %d sessions: %s", len(asked), type(problem).__name__)
            self._hold_back(problem)
            awaited = self._take_awaited(ids)
            await services.store.write(lambda db: _record_silence(db, ids, awaited))
            return
        else:
            self._alone -= ids
        found = {row.history_id: row for row in rows}
        hidden = {each.id for each in asked if rows.unread and each.history_id not in found}
        self._alone |= hidden
        await self._record([each for each in asked if each.id not in hidden], found, hidden)

    async def _record(self, asked: Sequence[Session], found: dict[int, HistoryRow], hidden: Collection[int]) -> None:
        """Record the readings; a session `hidden` among unreadable rows stays as it is."""
        services = self._services
        for session in asked:
            row = found.get(session.history_id or 0)
            if row is not None and row.start is not None:
                self._ages.record_start(session.id, row.start)
        ended = [number for each in asked if (number := each.history_id) in found and found[number].has_ended]
        currency = None
        if ended:  # what it cost is shown with its end, and asked for only then
            currency, costs = await asyncio.gather(services.account.currency(), services.account.costs(ended))
            found |= {number: replace(found[number], cost=costs.get(number)) for number in ended}
        now = services.clock.now()
        awaited = self._take_awaited({session.id for session in asked} | set(hidden))

        def taken(db: Connection, session: Session) -> Session | None:
            row = found.get(session.history_id or 0)
            return apply_reading(db, session.id, row, currency, asked=session.version, now=now)

        def job(db: Connection) -> list[Session | None]:
            history.record_no_answer(db, hidden)
            parts = SavepointGroup(db, "in a reading of the history")  # one that fails takes no other along
            changed = [parts.do(functools.partial(taken, db, session)) for session in asked]
            for session_id in awaited:
                messages.release_card(db, session_id)
            return changed

        for changed in await services.store.write(job):
            services.changes.publish(changed)

    def _take_awaited(self, ids: set[int]) -> set[int]:
        """Return the sessions that were refreshed by a person, who waits for the history's answer."""
        awaited = self._awaited & ids
        self._awaited -= awaited
        return awaited

    def _hold_back(self, problem: PlatformError) -> None:
        if isinstance(problem, TryLater) and problem.retry_after:
            seconds = min(problem.retry_after, LONGEST_HOLD_S)
            self._not_before = self._services.clock.monotonic() + seconds

    async def _pause(self) -> float:
        services = self._services
        watched = await self._watched()
        now = services.clock.monotonic()
        moments = [max(self.due_at(each), self._not_before) for each in watched if each.id not in self._asking]
        deadlines = [(each, at) for each in watched if (at := unconfirmed_at(each, services)) is not None]
        moments += [moment for each, moment in deadlines if moment > now or self._has_answered(each, moment)]
        if self._submit is not None:
            due = [due_in(each, services, self._ages) for each in watched]
            moments += [now + seconds for seconds in due if seconds is not None]
        soonest = min((moment - now for moment in moments), default=_AT_MOST_S)
        return min(max(soonest, _AT_LEAST_S), _AT_MOST_S)


def _anchor(session: Session) -> datetime | None:
    """Return the moment from which the schedule of look-ups counts: a second reading, a stop, a start."""
    if session.end_seen_at is not None:
        return session.end_seen_at
    if session.state is State.unknown:
        return session.called_at or session.created_at
    return None if session.stop is None else session.stop.since


def _record_silence(db: Connection, ids: Iterable[int], awaited: Iterable[int]) -> None:
    history.record_no_answer(db, ids)
    for session_id in awaited:
        messages.release_card(db, session_id)
