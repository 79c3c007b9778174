"""The intake: claims become facts about sessions, where the records and the history agree with them."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bot.directory._claim import Claim
from bot.directory._refusal import Refusals
from bot.ports import Services
from bot.process import Tasks, wait_or_wake

_IDLE_S: Final = 60.0


class Intake:
    """Settles claims. One runs per database: `offer` from anywhere on the event loop, `step` in a loop of its own."""

    def __init__(self, services: Services, refusals: Refusals, tasks: Tasks) -> None:
        self._services = services
        self._refusals = refusals
        self._tasks = tasks
        self._awake = asyncio.Event()
        self._pending: dict[tuple[int, int], Claim] = {}

    def offer(self, claims: Sequence[Claim]) -> None:
        """Keep claims for the next step; of one session in one application the newest beat counts.

        Returns at once and never raises.
        """
        for claim in claims:
            place = claim.session, claim.application_id
            before = self._pending.get(place)
            if before is None or claim.beat >= before.beat:
                self._pending[place] = claim
        if claims:
            self._awake.set()

    async def step(self) -> None:
        """Settle what is pending, then wait until more is due."""
        self._awake.clear()
        await wait_or_wake(self._services.clock, _IDLE_S, self._awake)
