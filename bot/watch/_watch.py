"""Readings of the history, and the transitions they cause.

Only the history ends a session here: a row with a finish reason that is not active, read twice. A missing row
means *not known yet*. The session's URL is never asked: every request to it has an effect.

With ten thousand open sessions a look handles those of which something is due, and no others: for each session two
moments are kept, when the history is asked about it and when a deadline of it passes. They are found anew when its row
was written, when it was answered for, and when they have come.
"""

import asyncio
import logging
import math
from collections.abc import Collection, Iterable, Mapping
from heapq import nsmallest
from typing import Final

from bot.ports import Services
from bot.process import wait_or_wake
from bot.watch._ages import Ages
from bot.watch._alarms import show_gathered
from bot.watch._limits import Limits, Submit
from bot.watch._open_sessions import OpenSessions
from bot.watch._pieces import in_pieces
from bot.watch._questions import IDS_A_CALL, Questions, is_urgent, may_be_early
from bot.watch._seen_rounds import SeenRounds
from bot.watch._silence import Beats, call_off_silence, report_silence
from bot.watch._stranded_starts import settle_stranded_starts
from bot.watch._summaries import Summaries
from bot.watch._taken import report_taken, report_untaken
from bot.watch._unconfirmed import report_unconfirmed, unconfirmed_at, wipe_old_urls
from storage import announcements
from storage.errors import StorageUnavailable
from storage.records import Session

log = logging.getLogger(__name__)

TOGETHER_S: Final = 0.1
"""Changes within this time of each other make one look."""

BULK_S: Final = 3.0
"""The time for which a look leaves the process to a bulk that is going out."""

HANDLED_AT_ONCE: Final = 500
"""The number of sessions whose deadlines one look handles; the next look has the others at once."""

_AT_MOST_S: Final = 3600.0
_AT_LEAST_S: Final = 0.05
_ROUNDS_LOOKED_FOR_S: Final = 5.0
_DEADLINES_HOLD_S: Final = 60.0
"""A clock that was set moves deadlines: each is found anew after this time."""


class Watch:
    """Looks up open sessions until their end is settled. One runs per database.

    `awake` is set after a change: a stop went out, a start was answered. Beside it a terminal
    may look after its `only` few sessions: every reading is applied compare-and-set, so two do no harm. With `submit`
    the limits of sessions are enforced, and what they announce is judged.
    """

    def __init__(
        self,
        services: Services,
        awake: asyncio.Event,
        only: Collection[int] | None = None,
        submit: Submit | None = None,
    ) -> None:
        self._services = services
        self._awake = awake
        self._ages = Ages(services.clock, services.management.clock)
        self._open = OpenSessions(services.store, only)
        self._questions = Questions(services, self._ages, self._answered)
        self._limits = None if submit is None else Limits(services, self._ages, submit)
        self._rounds = SeenRounds(services.clock)
        self._beats = Beats(services)
        self._summaries = Summaries(services)
        self._ask_at: dict[int, float] = {}
        self._deadlines: dict[int, float] = {}
        self._urgent: set[int] = set()
        self._stale: set[int] = set()

    async def step(self) -> None:
        """Look once, then wait until the next look is due or something changes."""
        self._awake.clear()
        try:
            if not (calm := self._services.changes.calm).is_set():
                await wait_or_wake(self._services.clock, BULK_S, calm)
            try:
                pause = await self._look()
            except StorageUnavailable as problem:
                log.warning("the watch cannot use the database: %s", problem)
                pause = self._services.settings.watch_seconds
            await wait_or_wake(self._services.clock, pause, self._awake)
            if self._awake.is_set():
                await self._services.clock.sleep(TOGETHER_S)
        except asyncio.CancelledError:
            await self._questions.cancel()
            raise

    async def _look(self) -> float:
        """Ask about every session that is due; return the seconds until the next one is."""
        services = self._services
        await settle_stranded_starts(services)
        changed = await self._open.read_again()
        open_ = self._open.found
        for each in changed - open_.keys():
            self._forget(each)
        wanted = services.changes.to_look_at() & open_.keys()
        stale, self._stale = self._stale | changed, set()
        await self._plan(stale)
        self._ask(wanted)
        due = self._due(open_)
        await report_unconfirmed(due.values(), services, self._questions.has_answered)
        await wipe_old_urls(services)
        if self._limits is not None:
            await self._limits.enforce(due.values())
            await self._judge_announcements(changed)
        await self._summaries.refresh()
        await show_gathered(services)
        services.board.nudge()
        await self._plan(due)
        return self._pause()

    async def _judge_announcements(self, changed: Collection[int]) -> None:
        """Report the sessions that have fallen silent, and what became of stops by the word of their scenarios."""
        services, open_, rounds = self._services, self._open.found, self._rounds
        self._rounds.note(await services.store.read(announcements.read_at))
        await report_taken(services, [open_[each] for each in changed if each in open_])
        if applications := rounds.newly_settled():
            announced = [open_[each] for each in await self._beats.read(applications) if each in open_]
            await report_untaken(services, announced, rounds)
            await report_silence(services, announced, rounds, self._beats)
        await call_off_silence(services)

    def _answered(self, ids: Collection[int]) -> None:
        self._stale.update(ids)
        if self._questions.not_before > self._services.clock.monotonic():
            self._stale.update(self._deadlines)  # while the platform is left alone nothing waits for its answer
        self._awake.set()

    def _forget(self, session_id: int) -> None:
        """Forget a session that is over."""
        for kept in (self._ask_at, self._deadlines):
            kept.pop(session_id, None)
        self._urgent.discard(session_id)
        self._questions.forget(session_id)
        self._ages.forget(session_id)
        if self._limits is not None:
            self._limits.forget(session_id)

    async def _plan(self, ids: Iterable[int]) -> None:
        """Find anew when something is due of these sessions."""
        async for some in in_pieces(ids):
            for each in some:
                if (session := self._open.found.get(each)) is not None:
                    self._ask_at[each] = self._questions.due_at(session)
                    self._deadlines[each] = self._deadline(session)
                    (self._urgent.add if is_urgent(session) else self._urgent.discard)(each)

    def _deadline(self, session: Session) -> float:
        """Return when a deadline of this session passes next, in monotonic seconds; inf: none does."""
        at, now = unconfirmed_at(session, self._services), self._services.clock.monotonic()
        if at is not None and at <= now and session.has_url and not self._questions.has_answered(session, at):
            at = None  # the answer plans it anew
        left = None if self._limits is None else self._limits.due_in(session)
        timed = math.inf if left is None else now + min(left, _DEADLINES_HOLD_S)
        return timed if at is None else min(at, timed)

    def _ask(self, wanted: Collection[int]) -> None:
        """Ask about the sessions that are due and `wanted`, and about those due soon in the same call."""
        now, open_ = self._services.clock.monotonic(), self._open.found
        self._questions.expect(wanted)
        is_due = min(self._ask_at.values(), default=math.inf) <= now
        if self._questions.not_before > now or not (is_due or wanted):
            return
        soon = now + self._services.settings.watch_seconds / 2
        urgent = [each for each in self._urgent if self._ask_at[each] <= (soon if may_be_early(open_[each]) else now)]
        others = ((at, each) for each, at in self._ask_at.items() if at <= soon and each not in self._urgent)
        rest = [each for _, each in nsmallest(IDS_A_CALL, others)]
        asked = [open_[each] for each in dict.fromkeys([*wanted, *urgent, *rest])]
        self._questions.ask(asked)
        self._ask_at.update((each.id, self._questions.due_at(each)) for each in asked)

    def _due(self, open_: Mapping[int, Session]) -> Mapping[int, Session]:
        """Return the sessions of which a deadline has passed, at most so many, the longest overdue first."""
        now = self._services.clock.monotonic()
        passed = [each for each, at in self._deadlines.items() if at <= now]
        return {each: open_[each] for each in nsmallest(HANDLED_AT_ONCE, passed, key=self._deadlines.__getitem__)}

    def _pause(self) -> float:
        """Return the seconds until the next look."""
        now = self._services.clock.monotonic()
        moments = [
            max(min(self._ask_at.values(), default=math.inf), self._questions.not_before),
            min(self._deadlines.values(), default=math.inf),
        ]
        if self._limits is not None and self._rounds.are_read:
            moments.append(now + min(self._rounds.next_in(), _ROUNDS_LOOKED_FOR_S))
        return min(max(min(moments) - now, _AT_LEAST_S), _AT_MOST_S)
