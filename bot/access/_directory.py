"""People, channels and groups as Slack knows them, cached.

`bot.slack.api` asks Slack. When Slack does not answer, the last good answer is used for a while longer; after
that, `SlackUnavailable` is raised; `NotDisclosed` where waiting does not help.
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
"""The age up to which the last good answer is used while Slack does not answer."""

KEPT: Final = 10_000
"""The number of answers kept of each kind; of more the oldest goes, and is asked for again when it is needed."""

T = TypeVar("T")


class SlackUnavailable(Exception):  # noqa: N818 - Slack cannot say; `policy` gives the careful answer
    """Slack could not be asked, and the cached answer is too old. For `policy`, which decides without it."""


class NotDisclosed(SlackUnavailable):
    """Slack never discloses this to the app: it has no scope for this kind of conversation."""


@dataclass(frozen=True, kw_only=True)
class PersonFacts:
    """Slack's facts about a person. `full` is a member who is no guest, stranger or bot.

    `teams` are the workspaces whose member they are: several on Enterprise Grid, none for somebody unknown to Slack.
    """

    id: str
    teams: frozenset[str]
    full: bool
    kind: str


class Slack(Protocol):
    """The questions to Slack; each raises `SlackUnavailable`."""

    async def person(self, user: str) -> PersonFacts:
        """Return the facts about a person."""

    async def channel(self, channel: str) -> ChannelFacts:
        """Return the facts about a channel."""

    async def group(self, group: str) -> frozenset[str]:
        """Return the members of a user group."""


class AnswerCache(Generic[T]):
    """A cache of answers by id; concurrent callers for the same id share one question.

    `on_answer` gets each answer that is kept.
    """

    def __init__(self, ask: Callable[[str], Coroutine[Any, Any, T]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[str, tuple[float, T]] = {}
        self._asking: dict[str, asyncio.Task[T]] = {}
        self._outdated: set[str] = set()
        self.on_answer: Callable[[str, T], None] = lambda _key, _answer: None

    def restore(self, key: str, value: T, age_s: float) -> None:
        """Keep an answer of a process before this one."""
        self._keep(key, value, self._clock.monotonic() - age_s)

    async def get(self, key: str) -> T:
        """Return Slack's answer; raises SlackUnavailable."""
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
        """Return whether the last good answer would be used now, if Slack did not answer."""
        known = self._known.get(key)
        return known is not None and self._is_younger(known, USABLE)

    def is_asking(self, key: str) -> bool:
        """Return whether Slack is being asked."""
        return key in self._asking

    def invalidate(self, key: str) -> None:
        """Invalidate an answer, and one under way, which may be older than the change."""
        if key in self._known:
            self._outdated.add(key)
        self._asking.pop(key, None)

    def _is_younger(self, known: tuple[float, T], age: timedelta) -> bool:
        return self._clock.monotonic() - known[0] < age.total_seconds()

    def _asked(self, key: str) -> "asyncio.Task[T]":
        if key not in self._asking:
            self._asking[key] = asyncio.create_task(self._learn(key))
            self._asking[key].add_done_callback(_retrieve_error)
        return self._asking[key]

    async def _learn(self, key: str) -> T:
        """Ask, and store the answer; one that `invalidate` invalidated meanwhile is returned, and not stored."""
        me = asyncio.current_task()
        try:
            value = await self._ask(key)
            if self._asking.get(key) is me:
                self._keep(key, value, self._clock.monotonic())
                self.on_answer(key, value)
            return value
        finally:
            if self._asking.get(key) is me:
                del self._asking[key]

    def _keep(self, key: str, value: T, at: float) -> None:
        self._known.pop(key, None)
        self._known[key] = (at, value)
        self._outdated.discard(key)
        if len(self._known) > KEPT:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._outdated.discard(oldest)


def _retrieve_error(asking: "asyncio.Task[Any]") -> None:
    """Retrieve the error of a question whose callers have all left; the others get it themselves."""
    if not asking.cancelled():
        asking.exception()


class SlackDirectory:
    """People, channels and the members of user groups, by id."""

    def __init__(self, slack: Slack, clock: Clock) -> None:
        self.people = AnswerCache(slack.person, clock)
        self.channels = AnswerCache(slack.channel, clock)
        self.groups = AnswerCache(slack.group, clock)
