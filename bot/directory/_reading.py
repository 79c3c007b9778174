"""The reading of one application: page by page, several at once, until one is short."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.directory._known_rows import page_order
from bot.directory._pace import Pace
from bot.voximplant import KEY_VALUE_PAGE, KeyValuePage
from bot.voximplant.errors import NotSent, OutcomeUnknown, PlatformError, TryLater

AT_ONCE: Final = 3
"""Calls of all rounds at once; the lane has room for four, so that a look-up of one row never waits behind them."""

MOST_PAGES: Final = 4_000
"""Pages of one application that are read: a platform that always has a further one must not keep us for ever."""

_REFUSALS_FOR_LOAD: Final = 5
"""A page that is refused for load so often is the last of the reading; the next round tries again."""

Ask = Callable[[int], Awaitable[KeyValuePage]]
"""Returns the page of rows from this offset on; raises PlatformError."""

TakePage = Callable[[KeyValuePage], int]
"""Reads the rows of a page, and returns the number of those that are new."""


@dataclass(frozen=True)
class Result:
    """The end of a reading: whole, unless a `problem` ended it, or there were more pages than are read."""

    calls: int
    problem: PlatformError | None = None
    is_endless: bool = False

    @property
    def is_whole(self) -> bool:
        """Return whether every row was read."""
        return self.problem is None and not self.is_endless


class PageReader:
    """Reads all pages of one application, round after round; `expected` is the number of calls that it will take."""

    def __init__(self, pace: Pace, room: asyncio.Semaphore) -> None:
        self._pace = pace
        self._room = room
        self._new_rows: dict[int, int] = {}

    @property
    def expected(self) -> int:
        """Return the number of pages of the last round, 0 before the first one."""
        return len(self._new_rows)

    async def read(self, ask: Ask, take: TakePage) -> Result:
        """Read every page until one is short, asking ahead where the last round had further ones."""
        round_ = _Round(page_order(self._new_rows[number] for number in sorted(self._new_rows)))
        running: dict[asyncio.Task[KeyValuePage], int] = {}
        problem: PlatformError | None = None
        try:
            while problem is None:
                while len(running) < AT_ONCE and (number := round_.next_page()) is not None:
                    running[asyncio.create_task(self._page(ask, number))] = number
                if not running:
                    break
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    number = running.pop(task)
                    try:
                        page = task.result()
                    except PlatformError as failed:
                        problem = failed
                    else:
                        round_.answered(number, take(page), is_last=page.is_last)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        if problem is None:
            self._new_rows = round_.new_rows()
        return Result(round_.calls, problem, is_endless=problem is None and round_.last is None)

    async def _page(self, ask: Ask, number: int) -> KeyValuePage:
        """Return one page; asked for again after a refusal for load, and once more where no answer came."""
        refused = failed = 0
        while True:
            async with self._room:
                await self._pace.turn(is_expected=number < self.expected)
                try:
                    return await ask(number * KEY_VALUE_PAGE)
                except TryLater as busy:
                    self._pace.refused(busy.retry_after)
                    refused += 1
                    if refused == _REFUSALS_FOR_LOAD:
                        raise
                except (NotSent, OutcomeUnknown):
                    failed += 1
                    if failed > 1:
                        raise


class _Round:
    """The pages of one reading: those of the last one first, then further ones, more at once as they turn out full."""

    def __init__(self, order: list[int]) -> None:
        self._waiting = deque(order)
        self._following = len(order)
        self._ahead = 1
        self._highest_full = -1
        self._answered: dict[int, int] = {}
        self.last: int | None = None
        self.calls = 0

    def next_page(self) -> int | None:
        """Return the number of the page to ask for now, if there is one: new rows go before those that are known."""
        number = None
        may_go_on = self.last is None and self._following <= self._highest_full + self._ahead
        if may_go_on and self._following < MOST_PAGES:
            number = self._following
            self._following += 1
        while number is None and self._waiting:
            number = self._waiting.popleft()
            number = None if self.last is not None and number > self.last else number
        self.calls += number is not None
        return number

    def answered(self, number: int, new_rows: int, *, is_last: bool) -> None:
        """Record that a page was read."""
        self._answered[number] = new_rows
        if is_last:
            self.last = number if self.last is None else min(self.last, number)
            return
        self._highest_full = max(self._highest_full, number)
        if number == self._following - 1:
            self._ahead = min(2 * self._ahead, AT_ONCE)

    def new_rows(self) -> dict[int, int]:
        """Return the number of new rows on each page that there is."""
        last = self._following if self.last is None else self.last
        return {number: new for number, new in self._answered.items() if number <= last}
