"""The sessions without a number that a row of the history could be."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.account import AFTER, BEFORE
from bot.ports import Services
from bot.process import without_urls
from bot.voximplant import HistoryRow
from storage.records import Session, State

_SLACK: Final = timedelta(minutes=5)
"""A start under way is waited for even if clocks differ: its answer, due in seconds, says which number is its own."""


def could_be(row: HistoryRow, open_: Iterable[Session], services: Services) -> list[Session]:
    """Return those of the open sessions without a number that this row could be, by rule, data and time.

    One that was adopted has a URL, by which it is known. One whose start was not called yet has no row.
    """
    data = without_urls(row.custom_data or "") or None
    return [each for each in open_ if not each.adopted and _fits(each, row, data, services)]


def _fits(session: Session, row: HistoryRow, data: str | None, services: Services) -> bool:
    if session.application_id not in {None, row.application_id} or session.rule_name not in {None, row.rule_name}:
        return False
    if session.state is State.starting:
        return session.called_at is not None and _is_near(session.called_at, row, services, _SLACK)
    return data == (session.custom_data or None) and _is_near(session.called_at or session.created_at, row, services)


def _is_near(called_at: datetime, row: HistoryRow, services: Services, slack: timedelta = timedelta()) -> bool:
    if row.start is None:
        return True
    called = services.management.clock.at(called_at)
    return called - BEFORE - slack <= row.start <= called + AFTER + slack
