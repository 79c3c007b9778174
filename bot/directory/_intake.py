"""The intake: claims become facts about sessions, where the records and the history agree with them.

of a session that holds its URL    heard of, and its word about a stop: no question to the history
of one that is over                refused, but for its last one, which stands for a while
of one closed, its time over       nothing: its URL would be wiped at once
of any other                       first the history has to know it, in this application and as not ended
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from bot.directory._arrivals import Arrivals
from bot.directory._beat_clock import BeatClock
from bot.directory._claim import Claim
from bot.directory._refusal import Refusal, Refusals
from bot.directory._verification import LEFT_OVER, Verification
from bot.ports import SavepointGroup, Services
from bot.process import Tasks, wait_or_wake
from bot.text import SCENARIO
from storage import Connection, announced
from storage.announced import Beat, Standing
from storage.errors import StorageUnavailable
from storage.records import Session, State

log = logging.getLogger(__name__)

AT_ONCE: Final = 200
"""Claims that are looked up at once, and beats in one commit: no ack and no stop waits long behind them."""

WORDS_AT_ONCE: Final = 25
MOST: Final = 50_000
"""Claims that are kept while the database cannot be used; the oldest are forgotten first."""

_GATHER_S: Final = 0.5
"""The pause in which the claims of a few pages come together in one commit."""

_LATER_S: Final = 2.0
_AFTER_ERROR_S: Final = 30.0
"""The history is asked again about what it has confirmed: hardly, while the database cannot be used."""

_IDLE_S: Final = 60.0
_HEARD_AGAIN: Final = timedelta(seconds=5)
"""The same beat, read by another process, may come out a little later."""

_TAKEN: Final = "The scenario took the stop up."
_ENDING: Final = "The scenario says that it is ending."
_AGAIN: Final = "It is heard of again."


@dataclass(frozen=True, kw_only=True)
class _Word:
    """The words of a session that change its card."""

    id: int
    taken: str | None
    is_ending: bool
    is_heard_again: bool


class Intake:
    """Settles claims. One runs per database: `offer` from anywhere on the event loop.

    `step` and `verify_step` have loops of their own: a history that hangs holds up no beat, and no *taken*.
    """

    def __init__(self, services: Services, refusals: Refusals, tasks: Tasks) -> None:
        self._services = services
        self._awake = asyncio.Event()
        self._has_unverified = asyncio.Event()
        self._recorded = asyncio.Event()
        self._recorded.set()
        self._failing: set[Callable[[], Awaitable[None]]] = set()
        self._pending: dict[tuple[int, int], Claim] = {}
        self._clock = BeatClock(services.management.clock)
        self._verification = Verification(services, refusals)
        self._arrivals = Arrivals(services, self._clock, tasks)

    def offer(self, claims: Sequence[Claim]) -> None:
        """Keep claims for the next step; of one session in one application the newest beat counts.

        Returns at once and never raises.
        """
        for claim in claims:
            place = claim.session, claim.application_id
            before = self._pending.get(place)
            if before is None or claim.beat >= before.beat:
                self._pending[place] = claim
        while len(self._pending) > MOST:
            del self._pending[next(iter(self._pending))]
        if claims:
            self._recorded.clear()
            self._awake.set()

    async def recorded(self) -> None:
        """Wait until the beats of what was offered are recorded: a round is over then, and not before."""
        await self._recorded.wait()

    async def step(self) -> None:
        """Settle what is pending, then wait until more is."""
        self._awake.clear()
        await self._tried(self.settle)
        await wait_or_wake(self._services.clock, _IDLE_S, self._awake)
        if self._pending:
            await self._services.clock.sleep(_GATHER_S)

    async def verify_step(self) -> None:
        """Ask the history what is due, record what it confirms, then wait until more is due."""
        self._has_unverified.clear()
        await self._tried(self.verify)
        due = self._verification.due_in()
        pause = min(_IDLE_S if due is None else due, _IDLE_S)
        await wait_or_wake(self._services.clock, pause, self._has_unverified)

    async def _tried(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work; while the database cannot be used, that is logged once, and the work is tried again later."""
        try:
            await work()
            self._failing.discard(work)
        except StorageUnavailable as problem:
            if work not in self._failing:
                log.warning("what sessions announce cannot be recorded: %s; it is tried again", problem)
            self._failing.add(work)
            await self._services.clock.sleep(_LATER_S)

    async def settle(self) -> None:
        """Settle what is pending, a piece at a time; what the history must know first waits for `verify`."""
        while self._pending:
            piece = dict(islice(self._pending.items(), AT_ONCE))
            for place in piece:
                del self._pending[place]
            try:
                await self._settle_piece(list(piece.values()))
            except StorageUnavailable:
                self._pending = {**piece, **self._pending}
                raise
        self._recorded.set()

    async def verify(self) -> None:
        """Ask the history about what is due, and record what it confirms."""
        again = verified = await self._verification.ask()
        pause = _AFTER_ERROR_S
        try:
            again = await self._arrivals.settle(verified)
            pause = _LATER_S
        finally:  # a claim that could not be recorded is asked about again
            for each in again:
                self._verification.add_again(each.claim, pause)

    async def _settle_piece(self, claims: Sequence[Claim]) -> None:
        numbers = {claim.session for claim in claims}
        found = {each.history_id: each for each in await self._services.store.read(
            lambda db: announced.standings(db, numbers)
        )}  # fmt: skip
        beats: list[Beat] = []
        words: list[_Word] = []
        for claim in claims:
            standing = found.get(claim.session)
            if standing is None:
                self._verify_soon(claim)
            elif standing.state.is_final:
                if self._clock.ours(claim.beat) > standing.changed_at + LEFT_OVER:
                    self._verification.refuse(claim, Refusal.ended)
            elif standing.application_id is None or not standing.has_url:
                if not self._is_closed_for_good(standing):
                    self._verify_soon(claim)
            elif claim.application_id not in {0, standing.application_id}:
                self._verification.refuse(claim, Refusal.other_application)
            else:
                beats += self._beat(standing, claim)
                words += self._word(standing, claim)
        if beats:
            now = self._services.clock.now()
            await self._services.store.write(lambda db: announced.record_beats(db, beats, now=now))
        for first in range(0, len(words), WORDS_AT_ONCE):
            await self._record_words(words[first : first + WORDS_AT_ONCE])

    def _verify_soon(self, claim: Claim) -> None:
        self._verification.add(claim)
        self._has_unverified.set()

    def _is_closed_for_good(self, standing: Standing) -> bool:
        """Return whether a record was closed so long ago that a URL would be wiped at once."""
        days = self._services.settings.limits.abandoned_url_days
        is_past = standing.changed_at <= self._services.clock.now() - timedelta(days=days)
        return standing.state is State.abandoned and is_past

    def _beat(self, standing: Standing, claim: Claim) -> list[Beat]:
        at, heard = self._clock.ours(claim.beat), self._heard_at(standing)
        is_news = heard is None or at > heard or (at == heard and claim.calls != standing.calls)
        return [Beat(id=standing.id, at=at, calls=claim.calls)] if is_news else []

    def _heard_at(self, standing: Standing) -> datetime | None:
        """Return the newest beat on record; None for one in the future, by a clock that was set back since."""
        heard = standing.heard_at
        return None if heard is None or heard > self._services.clock.now() else heard

    def _word(self, standing: Standing, claim: Claim) -> list[_Word]:
        heard = self._heard_at(standing)
        word = _Word(
            id=standing.id,
            taken=claim.taken if claim.taken == standing.awaits_word else None,
            is_ending=claim.ending and not standing.is_ending,
            is_heard_again=standing.is_silent
            and (heard is None or self._clock.ours(claim.beat) > heard + _HEARD_AGAIN),
        )
        return [word] if word.taken or word.is_ending or word.is_heard_again else []

    async def _record_words(self, words: Sequence[_Word]) -> None:
        now = self._services.clock.now()

        def job(db: Connection) -> list[Session | None]:
            parts = SavepointGroup(db, "in what a session says of itself")
            return [each for word in words for each in parts.do(functools.partial(_record, db, word, now)) or []]

        for changed in await self._services.store.write(job):
            self._services.changes.publish(changed)
        self._services.board.nudge()
        self._services.wake_watch()


def _record(db: Connection, word: _Word, now: datetime) -> list[Session | None]:
    """Record the words of one session, the newest last: that is what its card shows."""
    changed = []
    if word.is_heard_again:
        changed.append(announced.record_heard_again(db, word.id, by=SCENARIO, event=_AGAIN, now=now))
    if word.taken:
        changed.append(announced.record_taken(db, word.id, word.taken, by=SCENARIO, event=_TAKEN, now=now))
    if word.is_ending:
        changed.append(announced.record_ending(db, word.id, by=SCENARIO, event=_ENDING, now=now))
    return changed
