"""Wishes for a look-up, made at other replicas: the leader's watch asks the history about them."""

from typing import Final

from bot.ports import Services
from storage import Connection, commands
from storage.command import Command

_VERB: Final = "refresh"

LOOKED_BACK: Final = 200
"""The number of the latest commands that are looked at: one may be done later than those after it."""


class Wishes:
    """Finds each wish once. Those of before `begin` are none any more: a new watch asks about every session."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._after = 0
        self._found: set[int] = set()

    async def begin(self) -> None:
        """Forget what was wished for until now."""
        self._after = await self._services.store.read(commands.last_number)
        self._found.clear()

    async def look(self) -> None:
        """Pass new wishes on to the watch, which is woken by the caller."""
        found = await self._services.store.read(self._read)
        for each in found:
            if each.id not in self._found and each.session is not None:
                self._services.changes.look_at(each.session)
        self._found = {each.id for each in found}

    def _read(self, db: Connection) -> list[Command]:
        after = max(self._after, commands.last_number(db) - LOOKED_BACK)
        return commands.done_elsewhere(db, _VERB, self._services.owner, after=after)
