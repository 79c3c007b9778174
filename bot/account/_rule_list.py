"""The rules of the account, read application by application and cached for a minute.

An application that fails spoils none of the others, and the cached list is used while
the platform does not answer.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.process import Clock
from bot.voximplant import Application, Management, Rows, Rule
from bot.voximplant.errors import PlatformError, TryLater

FRESH: Final = timedelta(minutes=1)
AT_ONCE: Final = 8
"""The number of concurrent questions: an account has many applications, and few calls at a time."""

_PAUSES_S: Final = (1.0, 2.0, 4.0)
_LONGEST_PAUSE_S: Final = 10.0


@dataclass(frozen=True)
class Unread:
    """An application whose rules could not be read; `rules` are those of the last successful reading."""

    name: str
    problem: PlatformError
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class RuleList:
    """The known rules, as they were at `read_at`; `problem` is the reason why a newer reading failed.

    `odd` counts rules with unreadable fields.
    """

    rules: tuple[Rule, ...] = ()
    unread: tuple[Unread, ...] = ()
    odd: int = 0
    read_at: datetime | None = None
    problem: PlatformError | None = None

    @property
    def is_whole(self) -> bool:
        """Return whether these are all rules of the account, and no older than a minute."""
        return self.read_at is not None and not self.unread and not self.odd and self.problem is None


class RuleReader:
    """Reads the list, once for all concurrent callers."""

    def __init__(self, management: Management, clock: Clock) -> None:
        self._management = management
        self._clock = clock
        self._read_when = -FRESH.total_seconds()
        self._reading: asyncio.Task[RuleList] | None = None
        self._room = asyncio.Semaphore(AT_ONCE)
        self.known = RuleList()

    @property
    def is_fresh(self) -> bool:
        """Return whether the list was read within the last minute."""
        return self.known.read_at is not None and (
            self._clock.monotonic() - self._read_when < FRESH.total_seconds() and self.known.problem is None
        )

    def has_read(self, rule: Rule) -> bool:
        """Return whether this rule was read within the last minute, and is not one of an earlier reading."""
        return self.is_fresh and not any(rule in each.rules for each in self.known.unread)

    async def read(self) -> RuleList:
        """Return the list, read anew if it is older than a minute. Raises PlatformError where none is known."""
        return self.known if self.is_fresh else await self.reread()

    async def reread(self) -> RuleList:
        """Read the list. On failure return the cached one, with the `problem`; raise it if there is none."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
            self._reading.add_done_callback(_retrieve_error)
        return await asyncio.shield(self._reading)

    async def _read(self) -> RuleList:
        try:
            applications = await self._patiently_listed()
            read = await asyncio.gather(*(self._rules_of(each) for each in applications))
        except PlatformError as problem:
            if self.known.read_at is None:
                raise
            self.known = replace(self.known, problem=problem)
            return self.known
        unread = tuple(each for each in read if isinstance(each, Unread))
        if unread and len(unread) == len(read) and not any(each.rules for each in unread):
            raise unread[0].problem
        self.known = RuleList(
            rules=tuple(rule for each in read for rule in (each.rules if isinstance(each, Unread) else each)),
            unread=unread,
            odd=sum(each.unread for each in read if isinstance(each, Rows)),
            read_at=self._clock.now(),
        )
        self._read_when = self._clock.monotonic()
        return self.known

    async def _patiently_listed(self) -> list[Application]:
        for pause in _PAUSES_S:
            try:
                return await self._management.applications()
            except TryLater as busy:
                await self._clock.sleep(_patience(busy, pause))
        return await self._management.applications()

    async def _rules_of(self, application: Application) -> Rows[Rule] | Unread:
        """Return the application's rules; a refusal for load is retried."""
        try:
            async with self._room:
                for pause in _PAUSES_S:
                    try:
                        return await self._management.rules(application.id, application.name)
                    except TryLater as busy:
                        await self._clock.sleep(_patience(busy, pause))
                return await self._management.rules(application.id, application.name)
        except PlatformError as problem:
            before = (rule for rule in self.known.rules if rule.application_id == application.id)
            return Unread(application.name, problem, tuple(before))


def _patience(busy: TryLater, pause: float) -> float:
    return min(busy.retry_after or pause, _LONGEST_PAUSE_S)


def _retrieve_error(reading: "asyncio.Task[RuleList]") -> None:
    """Retrieve the error of a reading whose callers have all left; the others get it themselves."""
    if not reading.cancelled():
        reading.exception()
