"""People and channels as Slack knows them, remembered for a while.

`bot.slack.api` asks Slack. When Slack cannot say, the last good answer serves for a while longer; after
that, `SlackUnavailable`; `NotDisclosed` where no patience helps.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, Protocol, TypeVar

from bot.ports import ChannelFacts
from bot.process import Clock

FRESH: Final = timedelta(minutes=5)
USABLE: Final = timedelta(minutes=15)
"""How old the last good answer may be while Slack cannot say (DESIGN §8)."""

T = TypeVar("T")


class SlackUnavailable(Exception):  # noqa: N818 - Slack cannot say; `policy` gives the careful answer
    """Slack could not be asked, and what was known is too old. For `policy`, which decides without it."""


class NotDisclosed(SlackUnavailable):
    """Slack does not tell this app, now or later: it has no scope for this kind of conversation."""


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """What Slack says of a person. `full` is a member who is no guest, stranger or bot.

    `teams` are the workspaces whose member they are: several on Enterprise Grid, none for somebody unknown to Slack.
    """

    id: str
    teams: frozenset[str]
    full: bool
    kind: str


class Slack(Protocol):
    """Who can be asked; raises `SlackUnavailable`."""

    async def person(self, user: str) -> PersonFacts:
        """Ask about a person."""

    async def channel(self, channel: str) -> ChannelFacts:
        """Ask about a channel."""

    async def group(self, group: str) -> frozenset[str]:
        """Ask who is in a user group."""


class Memory(Generic[T]):
    """Answers by id; many who ask for the same thing at once cost one question."""

    def __init__(self, ask: Callable[[str], Coroutine[Any, Any, T]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T]] = {}
        self._outdated: set[str] = set()

    async def get(self, key: str) -> T:
        """Return what Slack says; raises SlackUnavailable."""
        known = self._known.get(key)
        if known is not None and self._is_younger(known, FRESH) and key not in self._outdated:
            return known[1]
        try:
            return await asyncio.shield(self._asked(key))  # who loses patience does not spoil it for the others
        except SlackUnavailable:
            if known is not None and self._is_younger(known, USABLE):
                return known[1]
            raise

    def last(self, key: str) -> T | None:
        """Return the last good answer, however old; None, if there never was one."""
        known = self._known.get(key)
        return None if known is None else known[1]

    def is_usable(self, key: str) -> bool:
        """Whether the last good answer would serve now, if Slack could not say."""
        known = self._known.get(key)
        return known is not None and self._is_younger(known, USABLE)

    def is_asking(self, key: str) -> bool:
        """Whether Slack is being asked."""
        return key in self._asking

    def outdate(self, key: str) -> None:
        """Ask again when next asked: the answer has changed, and one that is on its way may be the old one."""
        self._outdated.add(key)
        self._asking.pop(key, None)

    def _is_younger(self, known: tuple[float, T], age: timedelta) -> bool:
        return self._clock.monotonic() - known[0] < age.total_seconds()

    def _asked(self, key: str) -> "asyncio.Task[T]":
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._learn(key))
            self._asking[key].add_done_callback(_looked_at)
        return self._asking[key]

    async def _learn(self, key: str) -> T:
        """Ask, and remember; what `outdate` overtook is told to those who wait for it, and not remembered."""
        me = asyncio.current_task()
        try:
            value = await self._ask(key)
            if self._asking.get(key) is me:
                self._known[key] = (self._clock.monotonic(), value)
                self._outdated.discard(key)
            return value
        finally:
            if self._asking.get(key) is me:
                del self._asking[key]


def _looked_at(asking: "asyncio.Task[Any]") -> None:
    """Take the error of a question that nobody waited for to its end; those who wait get it themselves."""
    if not asking.cancelled():
        asking.exception()


class Directory:
    """People, channels and the members of user groups, by id."""

    def __init__(self, slack: Slack, clock: Clock) -> None:
        self.people = Memory(slack.person, clock)
        self.channels = Memory(slack.channel, clock)
        self.groups = Memory(slack.group, clock)
