"""Names in posts: a post that reports an act names its person, and only a call for them notifies them.

Slack notifies every person whom a new message mentions, and nobody whose mere name it holds. So a mention becomes the
name under which Slack knows the person, unless it is a call. Where no name is known yet, the mention stays: nobody
is left nameless.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.process import Tasks
from bot.text import escape
from storage import Connection, channels, people
from storage.store import StorageUnavailable, Store

_MENTION: Final = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(?P<call>\|call)?>")
_OF_PEOPLE: Final = ("U", "W")
_SHOWN: Final = 40
"""Slack takes a name of up to 80 characters; what a painted message has room for is less."""


def named(db: Connection, text: str) -> str:
    """Return the text with names in the place of mentions; a call becomes the mention that it is."""
    names = people.names(db, {found["id"] for found in _MENTION.finditer(text)})

    def one(found: re.Match[str]) -> str:
        name = names.get(found["id"])
        return f"<@{found['id']}>" if found["call"] or name is None else escape(name, _SHOWN)

    return _MENTION.sub(one, text)


def named_throughout(db: Connection, payload: Any) -> Any:
    """Return a rendered message with names in all of its texts."""
    if isinstance(payload, str):
        return named(db, payload) if "<@" in payload else payload
    if isinstance(payload, Mapping):
        return {key: named_throughout(db, value) for key, value in payload.items()}
    return [named_throughout(db, each) for each in payload] if isinstance(payload, list) else payload


class NameBook:
    """Stores names learnt from Slack, each once, in the background."""

    def __init__(self, store: Store, tasks: Tasks) -> None:
        self._store = store
        self._tasks = tasks
        self._kept: dict[str, str] = {}

    def learn(self, id_: str, name: str) -> None:
        """Store the name of a person or a channel, if it is new."""
        if name and self._kept.get(id_) != name:
            self._kept[id_] = name
            self._tasks.background(self._keep(id_, name))

    async def _keep(self, id_: str, name: str) -> None:
        book = people if id_.startswith(_OF_PEOPLE) else channels
        try:
            await self._store.write(lambda db: book.remember(db, id_, name))
        except StorageUnavailable:  # the next time that Slack tells it
            self._kept.pop(id_, None)
