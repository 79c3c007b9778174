"""Names in posts: a post that reports what somebody did names them, and only one that calls for them notifies them.

Slack notifies whomever a new message mentions, and nobody whose mere name it holds. So a person is shown under the
name by which Slack knows them, unless it is a call. Where no name is known yet, it is a mention: nobody is left
nameless.
"""

import functools
from typing import Final

from bot.process import Tasks
from bot.slack.render import NameOf
from storage import Connection, names
from storage.errors import StorageUnavailable
from storage.store import Store

_OF_PEOPLE: Final = ("U", "W")
KEPT: Final = 10_000
"""The number of names kept in memory; the database has them all."""


def name_of(db: Connection) -> NameOf:
    """Return the function that reads a person's name, once each."""
    return functools.cache(lambda id_: names.of_people(db, {id_}).get(id_))


class NameBook:
    """Stores names learnt from Slack, each once, in the background."""

    def __init__(self, store: Store, tasks: Tasks) -> None:
        self._store = store
        self._tasks = tasks
        self._kept: dict[str, str] = {}

    def learn(self, id_: str, name: str) -> None:
        """Store the name of a person or a channel, if it is new."""
        if name and self._kept.get(id_) != name:
            self._kept.pop(id_, None)
            self._kept[id_] = name
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
            self._tasks.background(self._keep(id_, name))

    def known(self, id_: str) -> str | None:
        """Return a name that was learnt since the start of this process."""
        return self._kept.get(id_)

    async def _keep(self, id_: str, name: str) -> None:
        record = names.record_person if id_.startswith(_OF_PEOPLE) else names.record_channel
        try:
            await self._store.write(lambda db: record(db, id_, name))
        except StorageUnavailable:  # the next time that Slack tells it
            self._kept.pop(id_, None)
