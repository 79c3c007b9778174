"""Commits of other processes: somebody at a terminal starts or stops a session.

A number that SQLite changes with every commit of another process is read twice a second. When it has
changed, the changed sessions are handled as if they had changed here: cards are repainted, the history is
asked, and waiting tasks are woken.
"""

from typing import Final

from bot.ports import Services
from storage import Connection, sessions
from storage.errors import StorageUnavailable
from storage.records import Session

LOOK_S: Final = 0.5


class OtherProcesses:
    """Polls the database for commits of other processes."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._version: int | None = None

    async def step(self) -> None:
        """Wait, then poll once."""
        await self._services.clock.sleep(LOOK_S)
        try:
            version = await self._services.store.version()
            if version != self._version:
                await self._publish()
                self._version = version
        except StorageUnavailable:  # the watch and the messenger say so in the log; nothing is missed, only late
            return

    async def _publish(self) -> None:
        services = self._services
        awaited = services.changes.awaited

        def read(db: Connection) -> list[Session | None]:
            return [sessions.get(db, each) for each in sorted(awaited)]

        if awaited:
            for session in await services.store.read(read):
                services.changes.publish(session)
        services.board.nudge()
        services.wake_watch()
