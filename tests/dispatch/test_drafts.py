"""Offers that a button refers to by an id."""

from dataclasses import replace
from datetime import timedelta

from bot.dispatch._drafts import LIFETIME, MOST, REDRAWN_FOR, Drafts
from bot.ports._response import Offer
from bot.verbs import Start
from tests.manual_clock import ManualClock

OFFER = Offer(label="Start another", intent=Start("obedient", None), again=True)


def test_an_offer_is_for_its_person_only() -> None:
    """The id on a button gives the offer to whom it was made, as often as asked, and to nobody else."""
    drafts = Drafts(ManualClock())
    key = drafts.keep(OFFER, "U1")
    assert drafts.get(key, "U1") == OFFER
    assert drafts.get(key, "U1") == OFFER
    assert drafts.get(key, "U2") is None
    assert drafts.get("guessed", "U1") is None
    assert "obedient" not in key


def test_an_offer_lasts_its_time() -> None:
    """After its lifetime an offer is gone, whether or not others came since."""
    clock = ManualClock()
    drafts = Drafts(clock)
    key = drafts.keep(OFFER, "U1")
    clock.let_pass(LIFETIME - timedelta(seconds=1))
    assert drafts.get(key, "U1") == OFFER
    clock.let_pass(timedelta(seconds=1))
    assert drafts.get(key, "U1") is None
    later = drafts.keep(OFFER, "U1")
    assert later != key
    assert drafts.get(later, "U1") == OFFER


def test_an_expired_offer_asks_anew() -> None:
    """An offer is what it was for its own time; for an hour it is then the question for its present effect."""
    clock = ManualClock()
    drafts, good_for = Drafts(clock), timedelta(minutes=5)
    redrawn = replace(OFFER, good_for=good_for, redraw=Start("other", None))
    key, without = drafts.keep(redrawn, "U1"), drafts.keep(replace(OFFER, good_for=good_for), "U1")
    clock.let_pass(good_for - timedelta(seconds=1))
    assert drafts.get(key, "U1") == redrawn
    assert drafts.get(without, "U1") is not None
    clock.let_pass(timedelta(seconds=1))
    assert drafts.get(key, "U1") == Offer(label=OFFER.label, intent=Start("other", None))
    assert drafts.get(without, "U1") is None
    clock.let_pass(REDRAWN_FOR - good_for)
    assert drafts.get(key, "U1") is None


def test_of_very_many_offers_the_oldest_go() -> None:
    """No more are kept than the bound says; the expired ones go first, and the newest are always good."""
    clock = ManualClock()
    drafts = Drafts(clock)
    first, *_ = [drafts.keep(OFFER, "U1") for _ in range(MOST)]
    assert drafts.get(first, "U1") == OFFER
    last = drafts.keep(OFFER, "U1")
    assert (drafts.get(first, "U1"), drafts.get(last, "U1")) == (None, OFFER)
    assert len(drafts._kept) <= MOST
    clock.let_pass(LIFETIME)
    for _ in range(MOST // 5):
        last = drafts.keep(OFFER, "U1")
    assert drafts.get(last, "U1") == OFFER
    assert len(drafts._kept) < MOST // 2
