"""Order of sends: the sends of one session go one after another, in the order in which they were typed.

The lock is the session's, however it was named: by its number, the platform's, or by its thread. It keeps the order
within this process; a command of another process, at a terminal say, that was recorded earlier is waited for.
"""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator
from typing import Final

from bot.ports import Services
from storage import commands
from storage.errors import StorageUnavailable

_LOOK_S: Final = 0.1
PATIENCE_S: Final = 15.0
"""The time for which another process, which may have died, is waited for: longer than a request to a session."""


class SendTurns:
    """The locks of all sessions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = weakref.WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def of(self, session: int, command: int | None) -> AsyncIterator[None]:
        """Wait for this command's turn, and hold up those behind it."""
        lock = self._locks.setdefault(session, asyncio.Lock())
        async with lock:
            if command is not None:
                await self._others(session, command)
            yield

    async def _others(self, session: int, command: int) -> None:
        clock, store, owner = self._services.clock, self._services.store, self._services.owner
        over = clock.monotonic() + PATIENCE_S
        while clock.monotonic() < over:
            try:
                if not await store.read(lambda db: commands.is_behind_another(db, command, session, owner)):
                    return
            except StorageUnavailable:
                return
            await clock.sleep(_LOOK_S)
