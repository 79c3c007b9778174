"""Order of sends: the sends of one session go one after another, in the order in which they were recorded.

A session is one however it was named: by its number, the platform's, or by its thread. The order is that of the numbers
of the commands, which the database gives, also to those of several processes: within this one a turn is waited for in
memory, and an earlier command of another process, a replica or a terminal, until it has its outcome or its process is
found dead. Nobody waits for a later number, so nobody waits for ever.
"""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from bot.ports import Services
from bot.process import cancel_and_wait
from storage import Connection, commands
from storage.errors import StorageUnavailable

LOOK_S: Final = 0.1
"""The time between two looks at a file, which tells nobody of a commit."""

LOOK_BEHIND_S: Final = 1.0
"""The same for a server, which tells of commits: for what it could not tell, and for who is dead by now."""


class _Line:
    """The sends of one session in this process: their commands, and whether one of them is on its way."""

    def __init__(self) -> None:
        self.commands: set[int] = set()
        self.is_sending = False
        self.moved = asyncio.Condition()

    def is_turn_of(self, command: int) -> bool:
        """Return whether nobody of this process is before a command."""
        return not self.is_sending and min(self.commands) == command


class SendTurns:
    """The lines of all sessions."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._look_s = LOOK_S if isinstance(services.settings.database, Path) else LOOK_BEHIND_S
        self._lines: weakref.WeakValueDictionary[int, _Line] = weakref.WeakValueDictionary()

    @contextlib.asynccontextmanager
    async def of(self, session: int, command: int) -> AsyncIterator[None]:
        """Wait for this command's turn, and hold up those behind it."""
        line = self._lines.setdefault(session, _Line())
        line.commands.add(command)
        has_turn = False
        try:
            while not has_turn:
                async with line.moved:
                    await line.moved.wait_for(lambda: line.is_turn_of(command))
                await self._others(session, command)
                has_turn = line.is_turn_of(command)  # not if an earlier one came in meanwhile
            line.is_sending = True
            yield
        finally:
            line.commands.remove(command)
            line.is_sending = line.is_sending and not has_turn
            async with line.moved:
                line.moved.notify_all()

    async def _others(self, session: int, command: int) -> None:
        """Wait until no living other process has an earlier command for this session."""
        owner, is_alive = self._services.owner, self._services.owners.is_alive

        def is_behind(db: Connection) -> bool:
            return any(is_alive(db, each) for each in commands.owners_before(db, command, session, owner))

        with contextlib.suppress(StorageUnavailable):  # then it is not sent: that is recorded first
            while await self._services.store.read(is_behind):
                await self._commit()

    async def _commit(self) -> None:
        """Wait for the next commit of another process, as far as it is told of, or for a while."""
        told = asyncio.create_task(self._services.store.changed.wait())
        late = asyncio.create_task(self._services.clock.sleep(self._look_s))
        try:
            await asyncio.wait({told, late}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (told, late):
                await cancel_and_wait(each)
