"""What other processes do to the database, noticed: somebody at a terminal starts or stops a session.

A number that SQLite changes with every commit of another process is looked at twice a second. When it is
another one, what was committed is told here as if it had happened here: cards are painted, the history is
asked, and whoever waits for a verdict gets it.
"""

from typing import Final

from bot.ports import Services
from storage import Connection, sessions
from storage.records import Session
from storage.store import StorageUnavailable

LOOK_S: Final = 0.5


class OtherProcesses:
    """Looks at the database of a process, which others write to as well."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._version: int | None = None

    async def step(self) -> None:
        """Rest, then look once."""
        await self._services.clock.sleep(LOOK_S)
        try:
            version = await self._services.store.version()
            if version != self._version:
                await self._tell()
                self._version = version
        except StorageUnavailable:  # the watch and the messenger say so in the log; nothing is missed, only late
            return

    async def _tell(self) -> None:
        services = self._services
        awaited = services.changes.awaited

        def read(db: Connection) -> list[Session | None]:
            return [sessions.get(db, each) for each in sorted(awaited)]

        if awaited:
            for session in await services.store.read(read):
                services.changes.tell(session)
        services.board.nudge()
        services.wake_watch()
