"""Names in posts: a post that reports what somebody did names them, and only one that calls for them notifies them.

Slack notifies whomever a new message mentions, and nobody whose mere name it holds. So a mention becomes the
name under which Slack knows the person, unless it is a call. Where no name is known yet, the mention stays: nobody
is left nameless.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils import Database

from bot.mrkdwn import escape
from bot.tasks import Tasks
from storage import people
from storage.store import StorageUnavailable, Store

_MENTION: Final = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(?P<call>\|call)?>")
_SHOWN: Final = 40
"""Slack takes a name of up to 80 characters; what a painted message has room for is less."""


def named(db: Database, text: str) -> str:
    """Put names in the place of mentions; a call becomes the mention that it is."""
    names = people.names(db, {found["id"] for found in _MENTION.finditer(text)})

    def one(found: re.Match[str]) -> str:
        name = names.get(found["id"])
        return f"<@{found['id']}>" if found["call"] or name is None else escape(name, _SHOWN)

    return _MENTION.sub(one, text)


def named_throughout(db: Database, payload: Any) -> Any:
    """Put names into every text of a painted message."""
    if isinstance(payload, str):
        return named(db, payload) if "<@" in payload else payload
    if isinstance(payload, Mapping):
        return {key: named_throughout(db, value) for key, value in payload.items()}
    return [named_throughout(db, each) for each in payload] if isinstance(payload, list) else payload


class NameBook:
    """Keeps the names that Slack tells, each once: nothing waits for it."""

    def __init__(self, store: Store, tasks: Tasks) -> None:
        self._store = store
        self._tasks = tasks
        self._kept: dict[str, str] = {}

    def learn(self, person: str, name: str) -> None:
        """Keep a person's name, if it is news."""
        if name and self._kept.get(person) != name:
            self._kept[person] = name
            self._tasks.quiet(self._keep(person, name))

    async def _keep(self, person: str, name: str) -> None:
        try:
            await self._store.write(lambda db: people.remember(db, person, name))
        except StorageUnavailable:  # the next time that Slack tells it
            self._kept.pop(person, None)
