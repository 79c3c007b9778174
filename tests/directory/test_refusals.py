import logging

import pytest

from bot.directory import Refusal, Refusals
from bot.directory._refusal import MOST_KEPT, key_of


def test_each_kind_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """A flood of refused rows is one line for each kind, and each row is counted."""
    counted: list[str] = []
    refusals = Refusals(counted.append)
    with caplog.at_level(logging.WARNING):
        for number in range(1_000):
            refusals.count(3, Refusal.host, key_of(number))
        refusals.count(3, Refusal.future, key_of(1))
        refusals.count(0, Refusal.host)
    assert len(caplog.messages) == 2
    assert all("docs/" in each for each in caplog.messages)
    assert len(counted) == 1_002
    assert refusals.by_reason(3) == {"host": 999, "future": 1}
    assert refusals.by_reason(4) == {}


def test_a_row_that_changes_or_goes_is_refused_no_more() -> None:
    """What is told of an application are the rows that are there now."""
    refusals = Refusals()
    for number in range(3):
        refusals.count(3, Refusal.host, key_of(number))
    refusals.withdraw(3, key_of(0))
    refusals.withdraw(4, key_of(0))
    assert refusals.by_reason(3) == {"host": 2}
    refusals.keep_only(3, {key_of(1)})
    refusals.keep_only(4, set())
    assert refusals.by_reason(3) == {"host": 1}


def test_a_flood_of_keys_is_bounded() -> None:
    """Keys that are new in every round, of a list that never ends, take no more memory than one round's."""
    refusals = Refusals()
    for number in range(MOST_KEPT + 10):
        refusals.count(3, Refusal.host, key_of(number))
    refusals.count(3, Refusal.future, key_of(0))
    assert refusals.by_reason(3) == {"future": 1, "host": MOST_KEPT - 1}
