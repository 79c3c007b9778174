"""The head of the audit, logged once a day: where logs leave the machine, no line is cut off or rewritten unseen."""

import logging
from datetime import timedelta
from typing import Final

from bot.process import Clock
from storage import verification
from storage.errors import StorageUnavailable
from storage.store import Store

log = logging.getLogger(__name__)

LOGGED_EVERY: Final = timedelta(days=1)
_AGAIN_S: Final = 60.0


class AuditHead:
    """Logs the head at the start, and then once a day."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(self) -> None:
        """Log the head, then wait for a day, or a minute where it cannot be read."""
        try:
            head = await self._store.read(verification.head)
        except StorageUnavailable as problem:
            log.warning("the head of the audit cannot be read: %s", problem)
            await self._clock.sleep(_AGAIN_S)
            return
        if head is not None:
            number, digits = head
            log.info("the head of the audit is %s (line %d), for session-bot audit --verify --head", digits, number)
        await self._clock.sleep(LOGGED_EVERY.total_seconds())
