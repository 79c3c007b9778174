"""Drafts: contents of buttons that Slack must not carry, kept in memory for one person, for a while."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.ports import Offer
from bot.process import Clock

LIFETIME: Final = timedelta(minutes=10)
REDRAWN_FOR: Final = timedelta(hours=1)
"""The time for which an expired offer can still be redrawn."""

MOST: Final = 10_000
"""The number of offers kept; of more the oldest go, and their buttons say that they have expired."""


@dataclass(frozen=True)
class _Draft:
    offer: Offer
    actor: str
    good_until: float
    expires_at: float


class Drafts:
    """Offers by a random id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Draft] = {}

    def keep(self, offer: Offer, actor: str) -> str:
        """Store an offer for this person; return the id for its button."""
        now = self._clock.monotonic()
        if len(self._kept) >= MOST:
            self._make_room(now)
        key = secrets.token_urlsafe(12)
        good = (offer.good_for or LIFETIME).total_seconds()
        kept = good if offer.redraw is None else REDRAWN_FOR.total_seconds()
        self._kept[key] = _Draft(offer, actor, now + good, now + kept)
        return key

    def get(self, key: str, actor: str) -> Offer | None:
        """Return the offer to its person; None when it is gone, expired or another person's.

        One whose `good_for` has passed, but can be redrawn, comes back as the question for its present effect.
        It may be read twice: the command's key makes a button act once.
        """
        draft = self._kept.get(key)
        if draft is None or draft.actor != actor or draft.expires_at <= self._clock.monotonic():
            return None
        if draft.good_until <= self._clock.monotonic() and draft.offer.redraw is not None:
            return Offer(label=draft.offer.label, intent=draft.offer.redraw)
        return draft.offer

    def _make_room(self, now: float) -> None:
        """Forget the expired offers, and of too many the oldest: a tenth, so that this is seldom."""
        good = [(key, each) for key, each in self._kept.items() if each.expires_at > now]
        self._kept = dict(good[-MOST * 9 // 10 :])
