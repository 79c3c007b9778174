"""Commits of other processes: somebody at a terminal, or another replica, starts or stops a session.

A number that changes with every commit of another process is read twice a second, and at once when the database says
that somebody has committed. When it has changed, the changed sessions are handled as if they had changed here: cards
are repainted, the history is asked, and waiting tasks are woken.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from bot.ports import Services
from storage import Connection, sessions
from storage.errors import StorageUnavailable
from storage.records import Session

LOOK_S: Final = 0.5


async def _nothing() -> None:
    return


class OtherProcesses:
    """Looks for commits of other processes; `also` is what is done about them beside the sessions."""

    def __init__(self, services: Services, also: Callable[[], Awaitable[None]] = _nothing) -> None:
        self._services = services
        self._also = also
        self._version: int | None = None

    async def step(self) -> None:
        """Wait, or be woken by the database, then look until nothing has changed any more."""
        await self._wait()
        try:
            while (version := await self._services.store.version()) != self._version:
                await self._publish()
                self._version = version
        except StorageUnavailable:  # the watch and the messenger say so in the log; nothing is missed, only late
            return

    async def _wait(self) -> None:
        told = asyncio.create_task(self._services.store.changed.wait())
        rested = asyncio.create_task(self._services.clock.sleep(LOOK_S))
        try:
            await asyncio.wait({told, rested}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
            rested.cancel()

    async def _publish(self) -> None:
        services = self._services
        awaited = services.changes.awaited

        def read(db: Connection) -> list[Session | None]:
            return [sessions.get(db, each) for each in sorted(awaited)]

        if awaited:
            for session in await services.store.read(read):
                services.changes.publish(session)
        await self._also()
        services.board.nudge()
        services.wake_watch()
