"""Drafts as rows: each for a while, and of none too many."""

from datetime import datetime, timedelta

import pytest
from sqlite_utils import Database

from storage import drafts
from storage.drafts import LONGEST, MOST, MOST_OF_ONE, Draft

TEN_MINUTES = timedelta(minutes=10)


def a_draft(number: int, at: datetime, *, actor: str = "U1") -> Draft:
    """Return a draft that is good for ten minutes."""
    return Draft(id=f"draft{number}", actor=actor, sealed=b"sealed", made_at=at, expires_at=at + TEN_MINUTES)


def count(db: Database) -> int:
    """Return how many are kept."""
    return int(db.execute("select count(*) from drafts").fetchone()[0])


def test_a_draft_is_read_as_it_was_kept(db: Database, now: datetime) -> None:
    """Several at once are kept; kept once more, as where a job runs again, they stay as they were."""
    both = [a_draft(1, now), a_draft(2, now)]
    drafts.keep(db, both, now=now)
    drafts.keep(db, both, now=now)
    assert [drafts.get(db, each.id) for each in both] == both
    assert drafts.get(db, "draft3") is None
    assert "sealed'" not in repr(both[0])
    drafts.keep(db, [], now=now)
    assert count(db) == 2


@pytest.mark.parametrize("later", [TEN_MINUTES, timedelta(days=30), -timedelta(days=1)])
def test_what_is_past_its_time_goes_with_the_next(db: Database, now: datetime, later: timedelta) -> None:
    """Whoever writes removes what is past its time, and what a clock made that was set back since."""
    drafts.keep(db, [a_draft(number, now) for number in range(20)], now=now)
    drafts.keep(db, [a_draft(99, now + later)], now=now + later)
    assert count(db) == 1


def test_a_good_one_stays_whatever_comes(db: Database, now: datetime) -> None:
    """Until its time one is kept, also the longest, and though clocks of two processes differ by minutes."""
    lasting = Draft(id="lasting", actor="U1", sealed=b"", made_at=now, expires_at=now + LONGEST)
    drafts.keep(db, [lasting], now=now)
    for later in (timedelta(minutes=-2), timedelta(minutes=2), LONGEST - timedelta(seconds=1)):
        drafts.keep(db, [a_draft(1, now + later)], now=now + later)
        assert drafts.get(db, "lasting") == lasting


def test_of_one_persons_the_oldest_go(db: Database, now: datetime) -> None:
    """Nobody's drafts push out those of others."""
    drafts.keep(db, [a_draft(-1, now, actor="U2")], now=now)
    for number in range(MOST_OF_ONE + 20):
        drafts.keep(db, [a_draft(number, now + timedelta(milliseconds=number))], now=now)
    assert count(db) == MOST_OF_ONE + 1
    assert drafts.get(db, "draft-1") is not None
    assert drafts.get(db, "draft19") is None
    assert drafts.get(db, "draft20") is not None


def test_of_very_many_the_oldest_go(db: Database, now: datetime) -> None:
    """There is a bound on all together."""
    for number in range(MOST // 100 + 2):
        at = now + timedelta(milliseconds=number)
        drafts.keep(db, [a_draft(100 * number + each, at, actor=f"U{number}") for each in range(100)], now=at)
        assert count(db) <= MOST + 100
    assert drafts.get(db, "draft0") is None
    assert count(db) < MOST


def test_what_is_forgotten_is_gone(db: Database, now: datetime) -> None:
    """To forget what is older than a moment removes the drafts from before it, and no others."""
    drafts.keep(db, [a_draft(1, now), a_draft(2, now + timedelta(seconds=1))], now=now)
    drafts.forget(db, now + timedelta(seconds=1))
    assert (drafts.get(db, "draft1"), drafts.get(db, "draft2") is None) == (None, False)
    drafts.remove_all(db)
    assert count(db) == 0
