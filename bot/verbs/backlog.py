"""Records that must not be lost when the database cannot be written: kept in memory, in order, until it can.

Only for what has already happened outside (a stop that went out, a start that was answered). What has not
happened yet is not done at all when it cannot be recorded.
"""

import asyncio
import logging
from collections import deque
from typing import Any, TypeVar

from bot.clock import Clock
from bot.tasks import Tasks
from storage.store import Job, StorageUnavailable, Store

log = logging.getLogger(__name__)
T = TypeVar("T")

_PAUSE_S = 1.0


class Backlog:
    """Writes now, or as soon as the database lets us."""

    def __init__(self, store: Store, clock: Clock, tasks: Tasks) -> None:
        self._store = store
        self._clock = clock
        self._tasks = tasks
        self._late: deque[tuple[Job[Any], str]] = deque()

    @property
    def size(self) -> int:
        """How many records are waiting for the database."""
        return len(self._late)

    async def write(self, job: Job[T], what: str) -> T | None:
        """Commit `job`, or keep it and give None; the log says `what` is not on disk yet."""
        try:
            return await self._store.write(job)
        except StorageUnavailable as problem:
            log.error("not recorded yet, kept in memory: %s (%s)", what, problem)  # noqa: TRY400 - no traceback needed
        self._late.append((job, what))
        if len(self._late) == 1:
            self._tasks.work(self._catch_up())
        return None

    async def _catch_up(self) -> None:
        while self._late:
            job, what = self._late[0]
            try:
                await self._store.write(job)
            except StorageUnavailable:
                await self._clock.sleep(_PAUSE_S)
                continue
            except asyncio.CancelledError:
                log.critical("lost at the end of the process, never recorded: %s", what)
                raise
            self._late.popleft()
            log.warning("recorded late: %s", what)
