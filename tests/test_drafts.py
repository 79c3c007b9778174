"""Offers that a button refers to by an id."""

from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.drafts import LIFETIME, Drafts
from bot.verbs.board import Offer

OFFER = Offer(label="Start another", text="start obedient", again=True)


class HandClock(Clock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)

    def now(self) -> datetime:
        """Tell what was set."""
        return self.time


def test_an_offer_is_for_its_person_only() -> None:
    """The id on a button gives the offer to whom it was made, as often as asked, and to nobody else."""
    drafts = Drafts(HandClock())
    key = drafts.keep(OFFER, "U1")
    assert drafts.get(key, "U1") == OFFER
    assert drafts.get(key, "U1") == OFFER
    assert drafts.get(key, "U2") is None
    assert drafts.get("guessed", "U1") is None
    assert "obedient" not in key


def test_an_offer_lasts_its_time() -> None:
    """After its lifetime an offer is gone, whether or not others came since."""
    clock = HandClock()
    drafts = Drafts(clock)
    key = drafts.keep(OFFER, "U1")
    clock.time += LIFETIME - timedelta(seconds=1)
    assert drafts.get(key, "U1") == OFFER
    clock.time += timedelta(seconds=1)
    assert drafts.get(key, "U1") is None
    later = drafts.keep(OFFER, "U1")
    assert later != key
    assert drafts.get(later, "U1") == OFFER
