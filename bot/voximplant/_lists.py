"""Lists of the platform, read to their end: page by page, row by row, in smaller pieces where an answer is too large.

What cannot be read is left out, counted and logged once; the other rows serve.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from bot.voximplant._answers import Odd, Page
from bot.voximplant.errors import AnswerTooLarge, NotUnderstood

T = TypeVar("T")

log = logging.getLogger(__name__)

_PAGES: Final = 100  # a platform that always promises more must not keep us for ever
_TOO_LARGE: Final = 40
"""How many answers of one list may be too large: two odd rows among a thousand are found with fewer."""

_KEPT: Final = 1_000
_OK: Final = 200


class Rows(list[T]):
    """The rows that could be read; `unread` counts the others. What is not among them may be one of those."""

    def __init__(self, rows: Iterable[T] = (), unread: int = 0) -> None:
        super().__init__(rows)
        self.unread = unread

    def take(self, more: "Rows[T]") -> None:
        """Add what else was read, and was not."""
        self += more
        self.unread += more.unread


class AskPage(Protocol[T]):
    """Asks for `size` rows of a list, from the one at `offset` on; raises PlatformError."""

    async def __call__(self, size: int, offset: int) -> Page[T]:
        """Return the page."""


async def to_the_end(ask: AskPage[T], at_most: int, odd: Callable[[Odd], None], *, shrink: bool = True) -> Rows[T]:
    """Ask for page after page until all that the platform counts are there, or one comes empty.

    Of a page that is too large half is asked for, down to a row, which is then left out; or, without `shrink`,
    AnswerTooLarge is raised.
    """
    rows, offset, size, fits, too_large = Rows[T](), 0, at_most, at_most, 0
    for _ in range(_PAGES):
        try:
            page = await ask(size, offset)
        except AnswerTooLarge:
            too_large += 1
            if not shrink or too_large > _TOO_LARGE:
                raise
            if size == 1:
                odd(Odd(None, "size", left_out=True))
                rows.unread, offset, fits = rows.unread + 1, offset + 1, at_most
            else:
                size = fits = size // 2
            continue
        for each in page.odd:
            odd(each)
        left_out = sum(each.left_out for each in page.odd)
        rows.take(Rows(page.rows, left_out))
        offset, size = offset + page.size, min(2 * size, fits)
        if not page.size or (page.total is not None and offset >= page.total):
            rows.unread += max(0, (page.total or 0) - offset)
            return rows
    raise NotUnderstood(_OK)


async def in_halves(
    ids: Sequence[int], at_most: int, ask: Callable[[Sequence[int]], Awaitable[Rows[T]]], odd: Callable[[Odd], None]
) -> Rows[T]:
    """Ask about `at_most` ids a call; about half of them again where the answer is too large, down to one."""
    waiting = deque(ids[first : first + at_most] for first in range(0, len(ids), at_most))
    rows, too_large = Rows[T](), 0
    while waiting:
        some = waiting.popleft()
        try:
            rows.take(await ask(some))
        except AnswerTooLarge:
            too_large += 1
            if too_large > _TOO_LARGE:
                raise
            if len(some) == 1:
                odd(Odd(some[0], "size", left_out=True))
                rows.unread += 1
            else:
                middle = len(some) // 2
                waiting.extendleft([some[middle:], some[:middle]])
    return rows


class Complaints:
    """What is odd in the platform's lists, logged once each however often it is read."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, Odd], None] = {}

    def of(self, method: str) -> Callable[[Odd], None]:
        """Return what takes the oddities in answers of this method."""

        def complain(odd: Odd) -> None:
            if (method, odd) in self._made:
                return
            self._made[method, odd] = None
            while len(self._made) > _KEPT:
                del self._made[next(iter(self._made))]
            row = "a row" if odd.number is None else f"row {odd.number}"
            became = "is left out" if odd.left_out else "is read without that"
            log.warning("%s: %s of %s cannot be read; the row %s, and the others serve", method, odd.field, row, became)

        return complain
