"""Questions to the history about open sessions: when each is due, how many go together, and what their answers say."""

import asyncio
import functools
import logging
import math
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.ports import SavepointGroup, Services
from bot.process import Failpoint, cancel_and_wait, reach
from bot.voximplant import HistoryRow, Rows
from bot.voximplant.errors import PlatformError, TryLater, UnknownHistoryId
from bot.watch._ages import Ages
from bot.watch._apply_history import apply_reading, changes_nothing
from bot.watch._pieces import in_pieces, write_in_pieces
from bot.watch._search import Search
from bot.watch._unconfirmed import unconfirmed_at
from storage import Connection, history, messages
from storage.errors import StorageUnavailable
from storage.records import HistorySays, Session, State

log = logging.getLogger(__name__)

LOOK_UP_SCHEDULE_S: Final = (1, 2, 4, 8, 15, 30)
"""The moments of look-ups after a stop, an unknown start or a first reading of an end, in seconds from it."""

IDS_A_CALL: Final = 1000
LONGEST_HOLD_S: Final = 300.0
"""The platform may ask for a longer pause; nobody may be left in the dark for that long."""

_READING: Final = "in a reading of the history"
_LONGEST_UNKNOWN_S: Final = 10 * 86_400.0


class Questions:
    """The questions under way, and those that come next. `answered` is called with the sessions of each answer."""

    def __init__(self, services: Services, ages: Ages, answered: Callable[[Collection[int]], None]) -> None:
        self._services = services
        self._ages = ages
        self._answered = answered
        self._search = Search(services)
        self._asked: dict[int, float] = {}
        self._heard: dict[int, float] = {}
        self._asking: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._alone: set[int] = set()
        self._awaited: set[int] = set()
        self.not_before = -math.inf
        """The moment until which the platform wants to be left alone."""

    def forget(self, session_id: int) -> None:
        """Forget a session that is over."""
        for kept in (self._asked, self._heard):
            kept.pop(session_id, None)
        self._alone.discard(session_id)
        self._awaited.discard(session_id)

    async def cancel(self) -> None:
        """End every question that is under way."""
        await asyncio.gather(*map(cancel_and_wait, self._running))

    def due_at(self, session: Session) -> float:
        """Return when the history should be asked about this session next, in monotonic seconds.

        While it is being asked, that is never: the answer says when.
        """
        if session.id in self._asking:
            return math.inf
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

    def has_answered(self, session: Session, deadline: float) -> bool:
        """Return whether the history has answered, or failed to, since a stop's deadline; while held back, it fails."""
        if self.not_before > self._services.clock.monotonic():
            return True
        heard = self._heard.get(session.id)
        return heard is not None and heard >= deadline

    def expect(self, ids: Collection[int]) -> None:
        """Note that a person waits for the next answer about these sessions, to see it on the card."""
        self._awaited.update(ids)

    def ask(self, about: Sequence[Session]) -> None:
        """Ask about all of them concurrently: a hanging question delays no other session."""
        free = [each for each in about if each.id not in self._asking]
        together = [each for each in free if each.history_id is not None and each.id not in self._alone]
        for first in range(0, len(together), IDS_A_CALL):
            batch = together[first : first + IDS_A_CALL]
            self._begin(self._ask_by_id(batch), batch)
        for session in free:
            if session.history_id is None:
                self._begin(self._search.look_for(session), [session])
            elif session.id in self._alone:
                self._begin(self._ask_by_id([session]), [session])

    def _begin(self, question: Coroutine[Any, Any, None], about: Sequence[Session]) -> None:
        now, ids = self._services.clock.monotonic(), {session.id for session in about}
        self._asked.update(dict.fromkeys(ids, now))
        self._asking |= ids
        task = asyncio.create_task(self._await_answer(question, ids))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _await_answer(self, question: Coroutine[Any, Any, None], ids: set[int]) -> None:
        """Wait for the end of a question."""
        try:
            await question
        except StorageUnavailable as problem:
            log.warning("what the history said cannot be recorded: %s", problem)
        except Exception:  # the log has it, and these sessions are asked about again when they are due
            log.exception("a question to the history went wrong")
        finally:
            self._asking -= ids
            self._heard.update(dict.fromkeys(ids, self._services.clock.monotonic()))
            self._answered(ids)

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
            await self._record_silence(ids)
            return
        else:
            self._alone -= ids
        found = {row.history_id: row for row in rows}
        hidden = {each.id for each in asked if rows.unread and each.history_id not in found}
        self._alone |= hidden
        if hidden:
            await self._record_silence(hidden)
        await self._record([each for each in asked if each.id not in hidden], found)

    async def _record(self, asked: Sequence[Session], found: dict[int, HistoryRow]) -> None:
        """Record the readings: those that change nothing in one statement, the others a few at a time."""
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
        same: dict[HistorySays, list[Session]] = {HistorySays.runs: [], HistorySays.absent: []}
        others: list[Session] = []
        for session in asked:
            row = found.get(session.history_id or 0)
            says = HistorySays.absent if row is None else HistorySays.runs
            (same[says] if changes_nothing(session, row) else others).append(session)
        for says, those in same.items():
            async for some in in_pieces(those):
                if not await services.store.write(functools.partial(_record_same, says=says, asked=some, now=now)):
                    others += some  # of which one at least cannot be recorded
        await self._record_changes(others, found, currency, now)
        await self._release({session.id for session in asked})

    async def _record_changes(
        self, asked: Sequence[Session], found: Mapping[int, HistoryRow], currency: str | None, now: datetime
    ) -> None:
        services, rules = self._services, self._services.rules

        def record(db: Connection, session: Session) -> Session | None:
            part = SavepointGroup(db, _READING)  # one that fails takes no other along
            row = found.get(session.history_id or 0)
            return part.do(lambda: apply_reading(db, session.id, row, currency, rules, asked=session.version, now=now))

        await write_in_pieces(services.store, asked, record, services.changes.publish)
        if asked:
            reach(Failpoint.reading_recorded)

    async def _record_silence(self, ids: Iterable[int]) -> None:
        """Record that the history could not be asked about these sessions."""
        asked = sorted(ids)
        async for some in in_pieces(asked):
            await self._services.store.write(functools.partial(history.record_no_answer, session_ids=some))
        await self._release(asked)

    async def _release(self, ids: Iterable[int]) -> None:
        """Record as due the cards that a person has refreshed, who waits for the history's answer."""
        awaited = self._awaited.intersection(ids)
        self._awaited -= awaited

        def job(db: Connection) -> None:
            for session_id in awaited:
                messages.release_card(db, session_id)

        if awaited:
            await self._services.store.write(job)

    def _hold_back(self, problem: PlatformError) -> None:
        if isinstance(problem, TryLater) and problem.retry_after:
            seconds = min(problem.retry_after, LONGEST_HOLD_S)
            self.not_before = self._services.clock.monotonic() + seconds


def _record_same(db: Connection, says: HistorySays, asked: Sequence[Session], now: datetime) -> bool:
    """Record answers that change nothing; False, and nothing is recorded, where that is impossible for one of them."""
    parts = SavepointGroup(db, _READING)
    parts.do(lambda: history.record_answers(db, says, {each.id: each.version for each in asked}, now=now))
    return parts.lost is None


def is_urgent(session: Session) -> bool:
    """Return whether it goes ahead of thousands of others: somebody waits for what becomes of it."""
    return session.stop is not None or not may_be_early(session)


def may_be_early(session: Session) -> bool:
    """Return whether it may be asked about before its time, in the call of those that are due.

    A search is a call of its own, and a second reading comes after its time.
    """
    return session.history_id is not None and session.end_seen_at is None


def _anchor(session: Session) -> datetime | None:
    """Return the moment from which the schedule of look-ups counts: a second reading, a stop, a start."""
    if session.end_seen_at is not None:
        return session.end_seen_at
    if session.state is State.unknown:
        return session.called_at or session.created_at
    return None if session.stop is None else session.stop.since
