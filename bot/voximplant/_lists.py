"""Lists of the platform, read to their end: page by page, in smaller pages where an answer is too large.

An unreadable row is left out, counted and logged once; the other rows are returned.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, Protocol, TypeVar

from bot.voximplant._answers import Page, UnreadField
from bot.voximplant.errors import AnswerTooLarge, NotUnderstood

T = TypeVar("T")
Report = Callable[[UnreadField], None]

log = logging.getLogger(__name__)

_PAGES: Final = 100  # a platform that always promises more must not keep us for ever
_TOO_LARGE: Final = 40
"""Answers of one list that may be too large: two too large rows among a thousand are found with fewer."""

_KEPT: Final = 1_000
_OK: Final = 200


class Rows(list[T]):
    """The readable rows; `unread` counts the others. A row that is missing here may be one of those."""

    def __init__(self, rows: Iterable[T] = (), unread: int = 0) -> None:
        super().__init__(rows)
        self.unread = unread

    def take(self, more: "Rows[T]") -> None:
        """Add further rows, and the number of unreadable ones."""
        self += more
        self.unread += more.unread


class AskPage(Protocol[T]):
    """A function that returns `size` rows of a list, from `offset` on; raises PlatformError."""

    async def __call__(self, size: int, offset: int) -> Page[T]:
        """Return one page."""


async def read_all(
    ask: AskPage[T], at_most: int, report: Callable[[UnreadField], None], *, shrink: bool = True
) -> Rows[T]:
    """Return all pages of a list, until the platform's total is reached or a page is empty.

    A page that is too large is asked for again in half the size, down to one row, which is then left out; or, without
    `shrink`, AnswerTooLarge is raised.
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
                report(UnreadField(None, "size", left_out=True))
                rows.unread, offset, fits = rows.unread + 1, offset + 1, at_most
            else:
                size = fits = size // 2
            continue
        for each in page.unread:
            report(each)
        left_out = sum(each.left_out for each in page.unread)
        rows.take(Rows(page.rows, left_out))
        offset, size = offset + page.size, min(2 * size, fits)
        if not page.size or (page.total is not None and offset >= page.total):
            rows.unread += max(0, (page.total or 0) - offset)
            return rows
    raise NotUnderstood(_OK)


async def read_in_halves(
    ids: Sequence[int],
    at_most: int,
    ask: Callable[[Sequence[int]], Awaitable[Rows[T]]],
    report: Callable[[UnreadField], None],
) -> Rows[T]:
    """Return rows for `ids`, `at_most` a call; a call with too large an answer is repeated in halves."""
    pending = deque(ids[first : first + at_most] for first in range(0, len(ids), at_most))
    rows, too_large = Rows[T](), 0
    while pending:
        some = pending.popleft()
        try:
            rows.take(await ask(some))
        except AnswerTooLarge:
            too_large += 1
            if too_large > _TOO_LARGE:
                raise
            if len(some) == 1:
                report(UnreadField(some[0], "size", left_out=True))
                rows.unread += 1
            else:
                middle = len(some) // 2
                pending.extendleft([some[middle:], some[:middle]])
    return rows


class UnreadFieldLog:
    """Logs each unreadable field of the platform's lists once, however often it is read."""

    def __init__(self) -> None:
        self._logged: dict[tuple[str, UnreadField], None] = {}

    def of(self, method: str) -> Report:
        """Return a function that logs the unreadable fields in answers of this method."""

        def log_once(field: UnreadField) -> None:
            if (method, field) in self._logged:
                return
            self._logged[method, field] = None
            while len(self._logged) > _KEPT:
                del self._logged[next(iter(self._logged))]
            row = "a row" if field.number is None else f"row {field.number}"
            became = "is left out" if field.left_out else "is read without that"
            log.warning(
                "%s: %s of %s cannot be read; the row %s, and the others serve", method, field.field, row, became
            )

        return log_once
