"""Look-ups of one session's announcement, ahead of the next round: after a stop, and when a person asks."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from bot.directory._claim import Claim
from bot.directory._refusal import Refusal, Refusals, key_of
from bot.directory._rounds import Offer, Rounds
from bot.directory._rows import ClaimChecks
from bot.ports import Services
from bot.process import Tasks, wait_or_wake
from bot.voximplant.errors import PlatformError, TryLater
from storage import sessions
from storage.errors import StorageError
from storage.records import Session

log = logging.getLogger(__name__)

MOMENTS_S: Final = (1, 2, 4, 8, 15, 30)
"""The moments after a stop at which is asked whether the scenario took it up, in seconds."""

MOST: Final = 100
"""Sessions that are looked up at once; of a bulk stop of more the next round reads the others."""


class LookUpQueue:
    """The sessions that are to be looked up: the verbs and stops have it before there is anybody to ask."""

    def __init__(self) -> None:
        self._wanted: dict[int, Session] = {}
        self._filled = asyncio.Event()

    def look_up(self, session: Session) -> None:
        """Ask soon for what this session announces, ahead of the next round; of one that announces nothing, nothing.

        Returns at once and never raises. After a stop it is asked several times, until the scenario took it up; a
        further wish meanwhile is one more question.
        """
        if session.id in self._wanted or len(self._wanted) < MOST:
            self._wanted[session.id] = session
            self._filled.set()

    async def next(self) -> Sequence[Session]:
        """Wait until there are any, and return them."""
        await self._filled.wait()
        self._filled.clear()
        wanted, self._wanted = list(self._wanted.values()), {}
        return wanted


class LookUps:
    """Asks for single rows, on the lane of the rounds, and offers their claims as those do."""

    def __init__(
        self, services: Services, checks: ClaimChecks, refusals: Refusals, offer: Offer,
        *, queue: LookUpQueue, rounds: Rounds, tasks: Tasks,
    ) -> None:  # fmt: skip
        self._services = services
        self._checks = checks
        self._refusals = refusals
        self._offer = offer
        self._queue = queue
        self._rounds = rounds
        self._tasks = tasks
        self._again: dict[int, asyncio.Event] = {}

    async def step(self) -> None:
        """Wait for sessions that are to be looked up, and begin with them."""
        for session in await self._queue.next():
            self._begin(session)

    def _begin(self, session: Session) -> None:
        number, application_id = session.history_id, session.application_id
        if number is None or application_id is None or session.state.is_final:
            return
        if session.heard_at is None and not self._rounds.announces(application_id):
            return
        if (again := self._again.get(session.id)) is not None:
            again.set()
        elif len(self._again) < MOST:
            self._again[session.id] = asyncio.Event()
            self._tasks.background(self._look(session, number, application_id))

    async def _look(self, session: Session, number: int, application_id: int) -> None:
        try:
            for pause in _pauses(session):
                await wait_or_wake(self._services.clock, pause, self._again[session.id])
                self._again[session.id].clear()
                if not await self._is_waited_for(session):
                    return
                claim = await self._ask(session, number, application_id)
                if claim is None or claim.ending or (session.stop and claim.taken == session.stop.request_id):
                    return
        except TryLater as busy:
            self._rounds.refused_for_load(busy.retry_after)
        except (PlatformError, StorageError) as problem:
            log.info("the announcement of %s was not looked up: %s", session.name, type(problem).__name__)
        finally:
            del self._again[session.id]

    async def _is_waited_for(self, asked: Session) -> bool:
        """Return whether the session still runs, and the stop that was sent is the one that is waited for."""
        session = await self._services.store.read(lambda db: sessions.get(db, asked.id))
        if session is None or session.state.is_final:
            return False
        if asked.stop is None or not _waits(asked):
            return True
        stop = session.stop
        return stop is not None and stop.request_id == asked.stop.request_id and _waits(session)

    async def _ask(self, session: Session, number: int, application_id: int) -> Claim | None:
        """Ask for one row, offer its claim, and return it; None where there is none to believe."""
        management, key = self._services.management, key_of(number)
        item = await management.key_values.item(application_id, key)
        if item is None:
            return None
        read = self._checks.of_row(
            item.key,
            item.value,
            application_id=application_id,
            application_name=session.application_name or "",
            now=management.clock.now(),
        )
        if isinstance(read, Refusal):
            self._refusals.count(application_id, read, key)
            return None
        if read.session != number:  # another row than was asked for
            return None
        self._offer([read])
        return read


def _waits(session: Session) -> bool:
    """Return whether the session's stop was sent, and neither taken up nor given up."""
    stop = session.stop
    return stop is not None and stop.taken_at is None and stop.given_up_at is None


def _pauses(session: Session) -> list[float]:
    """Return the seconds before each question: at once and once, or after a stop by its moments."""
    if not _waits(session):
        return [0.0]
    return [later - earlier for earlier, later in zip((0, *MOMENTS_S), MOMENTS_S, strict=False)]
