"""The rows of an application as they were read last: of each only a digest of its value, so that URLs are not kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.directory._claim import Claim
from bot.directory._refusal import Refusal, Refusals
from bot.directory._rows import ClaimChecks
from bot.voximplant import Application, KeyValueItem, KeyValuePage


@dataclass
class _Generation:
    """The rows of one round: by key the digest of the value and, where it is believed, the beat."""

    rows: dict[str, tuple[int, datetime | None]]
    oldest_beat: datetime | None = None
    unreadable: int = 0
    believed: int = 0


class KnownRows:
    """The rows of one application in this round and the one before.

    A row that was missed, since rows shift between pages, is read as a new one the next time: that does no harm.
    """

    def __init__(self, application: Application, checks: ClaimChecks, refusals: Refusals) -> None:
        self.application = application
        self._checks = checks
        self._refusals = refusals
        self._before = _Generation({})
        self._now = _Generation({})

    @property
    def count(self) -> int:
        """Return the number of rows in this round."""
        return len(self._now.rows) + self._now.unreadable

    @property
    def believed(self) -> int:
        """Return the number of those that are claims."""
        return self._now.believed

    @property
    def oldest_beat(self) -> datetime | None:
        """Return the oldest beat among the claims, by the platform's clock."""
        return self._now.oldest_beat

    @property
    def refused(self) -> dict[str, int]:
        """Return the number of rows that are not believed, by the name of the reason."""
        totals = self._refusals.by_reason(self.application.id)
        if self._now.unreadable:
            name = Refusal.unreadable.name
            totals[name] = totals.get(name, 0) + self._now.unreadable
        return totals

    def begin(self) -> None:
        """Begin a round."""
        self._before, self._now = self._now, _Generation({})

    def end(self) -> None:
        """Forget what is told of rows that this round, a whole one, did not find."""
        self._refusals.keep_only(self.application.id, self._now.rows.keys())

    def take(self, page: KeyValuePage, now: datetime) -> tuple[list[Claim], int]:
        """Return the claims of rows that are new or changed, and the number of new rows; `now` is the platform's."""
        self._now.unreadable += page.unread
        claims, new = [], 0
        for item in page.items:
            known = self._now.rows.get(item.key)
            is_again = known is not None
            known = known or self._before.rows.get(item.key)
            new += known is None
            digest = hash(item.value)  # keyed by the process: nobody outside can make two values collide
            if known is None or known[0] != digest:
                read = self._read(item, now)
                claims += [read] if isinstance(read, Claim) else []
                known = digest, read.beat if isinstance(read, Claim) else None
            self._now.rows[item.key] = known
            if not is_again:
                self._count(known[1])
        return claims, new

    def _read(self, item: KeyValueItem, now: datetime) -> Claim | Refusal:
        application = self.application
        read = self._checks.of_row(
            item.key, item.value, application_id=application.id, application_name=application.name, now=now
        )
        self._refusals.withdraw(application.id, item.key)
        if isinstance(read, Refusal):
            self._refusals.count(application.id, read, item.key)
        return read

    def _count(self, beat: datetime | None) -> None:
        if beat is None:
            return
        self._now.believed += 1
        oldest = self._now.oldest_beat
        self._now.oldest_beat = beat if oldest is None else min(oldest, beat)


def page_order(new_rows: Iterable[int]) -> list[int]:
    """Return the numbers of last round's pages in the order in which they are read, by the new rows in each.

    Nothing is known of the order of rows. If there is one, new rows come where they came last time: those pages are
    first, and before them the last page, which may have got a successor.
    """
    counts = list(new_rows)
    last = len(counts) - 1
    return sorted(range(len(counts)), key=lambda number: (number != last, -counts[number], number))
