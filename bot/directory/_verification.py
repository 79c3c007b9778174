"""Claims of sessions that the records do not know, or hold no URL of, and what the history says of them.

Anyone who writes an application's storage may invent numbers. The history is asked in batches, about a number that it
does not know less and less often, and a number that breaks a batch is set apart: the calls are bounded.
"""

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import islice
from typing import Final

from bot.directory._claim import Claim
from bot.directory._refusal import Refusal, Refusals, key_of
from bot.ports import Services
from bot.voximplant import HistoryRow
from bot.voximplant.errors import PlatformError, TryLater, UnknownHistoryId

log = logging.getLogger(__name__)


class _Lane(IntEnum):
    """The claims that are asked about in one call, at most: a number that breaks a call is set apart."""

    together = 1000
    suspects = 250
    """Of a call that was broken, and not all halves of it could be asked about."""
    alone = 1
    """It broke a call by itself: the history does not know it, or not yet."""


@dataclass(frozen=True)
class _Budget:
    """The calls of one look, and the seconds from one look to the next: claims come page by page."""

    calls: int
    pause_s: float


_BUDGETS: Final = {_Lane.together: _Budget(8, 1.0), _Lane.suspects: _Budget(8, 10.0), _Lane.alone: _Budget(4, 10.0)}

MOST: Final = 20_000
"""Claims that wait, and refused ones that are remembered, at most; the oldest are forgotten first."""

_PAUSES_S: Final = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_COUNTED_AT: Final = 4
"""A number that the history does not know at this question is counted as refused; it is asked about on and on."""

_FORGOTTEN_S: Final = 600.0
"""A live session announces itself every minute."""

LEFT_OVER: Final = timedelta(minutes=1)
"""A beat so soon after a session's end is its last one: machines need not agree to the second."""

_REFUSED_S: Final = 60.0
_REFUSED_AT_MOST_S: Final = 3600.0
_HOLD_S: Final = 5.0
_HOLD_AT_MOST_S: Final = 60.0

_Place = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Verified:
    """A claim of a session that the history knows in the claim's application, and that has not ended."""

    claim: Claim
    row: HistoryRow


@dataclass
class _Waiting:
    """A claim that waits for the history; `offered` and `due` are monotonic seconds."""

    claim: Claim
    offered: float
    due: float
    asked: int = 0
    lane: _Lane = _Lane.together


@dataclass(frozen=True)
class _Refused:
    """A refused claim; the history is not asked about it `until` then. `end` is that of its session, if it is known."""

    refusal: Refusal
    until: float
    pause: float
    end: datetime | None


class Verification:
    """Asks the history about claims, in its own time."""

    def __init__(self, services: Services, refusals: Refusals) -> None:
        self._services = services
        self._refusals = refusals
        self._waiting: dict[_Place, _Waiting] = {}
        self._refused: dict[_Place, _Refused] = {}
        self._not_before = dict.fromkeys(_Lane, 0.0)
        self._hold = _HOLD_S

    def add(self, claim: Claim) -> None:
        """Keep a claim until the history has answered; one that it refused is asked about again but seldom."""
        place, now = (claim.session, claim.application_id), self._now()
        refused = self._refused.get(place)
        if refused is not None and now < refused.until:
            if not _is_left_over(claim, refused.end):
                self._count(claim, refused.refusal)
            return
        before = self._waiting.pop(place, None)  # again at the end: the newest are kept, and asked about first
        if before is None:
            self._waiting[place] = _Waiting(claim, offered=now, due=now)
        else:
            before.offered = now
            before.claim = claim if claim.beat >= before.claim.beat else before.claim
            self._waiting[place] = before
            if before.asked >= _COUNTED_AT:
                self._count(claim, Refusal.not_in_history)
        while len(self._waiting) > MOST:
            del self._waiting[next(iter(self._waiting))]

    def add_again(self, claim: Claim, seconds: float) -> None:
        """Keep a claim that the history confirmed, and that cannot be settled yet."""
        now = self._now()
        self._waiting.setdefault((claim.session, claim.application_id), _Waiting(claim, offered=now, due=now + seconds))

    def refuse(self, claim: Claim, refusal: Refusal, *, end: datetime | None = None) -> None:
        """Count a claim as refused; the history is not asked about it for a while, longer at each time.

        Not counted is the last one of a session that has ended, which stands until its time to live is over.
        """
        place = claim.session, claim.application_id
        self._waiting.pop(place, None)
        before = self._refused.pop(place, None)
        pause = _REFUSED_S if before is None else min(2 * before.pause, _REFUSED_AT_MOST_S)
        self._refused[place] = _Refused(refusal, self._now() + pause, pause, end)
        while len(self._refused) > MOST:
            del self._refused[next(iter(self._refused))]
        if not _is_left_over(claim, end):
            self._count(claim, refusal)

    def due_in(self) -> float | None:
        """Return the seconds until the history is asked next; None while nothing waits."""
        now = self._now()
        moments = [max(each.due, self._not_before[each.lane]) for each in self._waiting.values()]
        return max(min(moments) - now, 0.0) if moments else None

    async def ask(self) -> list[Verified]:
        """Ask about the claims that are due, and return those that the history confirms."""
        now = self._now()
        for place in [each for each, waiting in self._waiting.items() if now - waiting.offered > _FORGOTTEN_S]:
            del self._waiting[place]
        verified: list[Verified] = []
        for lane, budget in _BUDGETS.items():
            if self._not_before[lane] <= now and (due := self._due(now, lane, lane * budget.calls)):
                self._not_before[lane] = now + budget.pause_s
                verified += await self._ask_some(due, lane, budget.calls)
        return verified

    def _due(self, now: float, lane: _Lane, at_most: int) -> list[_Place]:
        """Return the newest claims that are due, in the order of their numbers: true ones are close together."""
        newest = (place for place, each in reversed(self._waiting.items()) if each.due <= now and each.lane is lane)
        return sorted(islice(newest, at_most))

    async def _ask_some(self, places: Sequence[_Place], at_once: int, calls: int) -> list[Verified]:
        """Ask in batches; one that a number breaks is halved, as long as the look's calls last."""
        verified: list[Verified] = []
        left = deque(places[first : first + at_once] for first in range(0, len(places), at_once))
        for _ in range(calls):
            if not left:
                break
            batch = left.popleft()
            try:
                rows = await self._services.management.call_history(sorted({session for session, _ in batch}))
            except UnknownHistoryId:
                self._set_apart(batch, left)
            except PlatformError as problem:
                self._hold_back(problem)
                break
            else:
                self._hold = _HOLD_S
                verified += self._judge(batch, {row.history_id: row for row in rows})
        return verified

    def _set_apart(self, batch: Sequence[_Place], left: "deque[Sequence[_Place]]") -> None:
        """Put the halves of a broken batch in front, or, of a single number, ask about it alone from then on."""
        is_single = len({session for session, _ in batch}) == 1
        for place in batch:
            if (waiting := self._waiting.get(place)) is not None:
                waiting.lane = _Lane.alone if is_single else _Lane.suspects
                if is_single:
                    self._ask_again(waiting)
        if not is_single:
            middle = len(batch) // 2
            left.extendleft([batch[middle:], batch[:middle]])

    def _judge(self, batch: Sequence[_Place], found: dict[int, HistoryRow]) -> list[Verified]:
        """Return the confirmed claims of a batch; the others are refused, or asked about again."""
        verified = []
        for place in batch:
            if (waiting := self._waiting.get(place)) is None:
                continue
            claim, row = waiting.claim, found.get(place[0])
            waiting.lane = _Lane.together
            if row is None:
                self._ask_again(waiting)
            elif (refusal := _refusal(claim, row)) is not None:
                self.refuse(claim, refusal, end=row.end if refusal is Refusal.ended else None)
            else:
                del self._waiting[place]
                self._refused.pop(place, None)
                self._refusals.withdraw(claim.application_id, key_of(claim.session))
                verified.append(Verified(claim=claim, row=row))
        return verified

    def _ask_again(self, waiting: _Waiting) -> None:
        """Keep a claim that the history does not know: how soon it knows a session is not documented."""
        waiting.due = self._now() + _PAUSES_S[min(waiting.asked, len(_PAUSES_S) - 1)]
        waiting.asked += 1
        if waiting.asked == _COUNTED_AT:
            self._count(waiting.claim, Refusal.not_in_history)

    def _hold_back(self, problem: PlatformError) -> None:
        log.warning(
            "the history could not be asked about sessions that announce themselves: %s", type(problem).__name__
        )
        asked_for = problem.retry_after if isinstance(problem, TryLater) else None
        until = self._now() + min(asked_for or self._hold, _HOLD_AT_MOST_S)
        self._not_before = dict.fromkeys(_Lane, until)
        self._hold = min(2 * self._hold, _HOLD_AT_MOST_S)

    def _count(self, claim: Claim, refusal: Refusal) -> None:
        self._refusals.count(claim.application_id, refusal, key_of(claim.session) if claim.application_id else None)

    def _now(self) -> float:
        return self._services.clock.monotonic()


def _is_left_over(claim: Claim, end: datetime | None) -> bool:
    return end is not None and claim.beat <= end + LEFT_OVER


def _refusal(claim: Claim, row: HistoryRow) -> Refusal | None:
    if row.has_ended:
        return Refusal.ended
    if row.application_id is None:
        return Refusal.not_in_history
    return None if claim.application_id in {0, row.application_id} else Refusal.other_application
