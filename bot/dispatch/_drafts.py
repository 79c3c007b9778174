"""Drafts: contents of buttons that Slack must not carry, kept for one person, for a while.

They are rows, sealed, written in the commit of the command that they answer: the click may come to another process than
the response went out from. This process keeps its own in memory as well. Its buttons work at once, without a question
to the database before the ack, and they work while that is away, when above all a stop must be confirmed. A stop that
could not be stored is carried by its button, sealed: any process with the key knows it then.
"""

import asyncio
import contextlib
import functools
import hashlib
import json
import logging
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.dispatch._offer_codec import OfferCodec
from bot.ports import Offer, Verb, line_of, verb_of
from bot.process import Clock
from bot.text import code
from storage import Connection, drafts
from storage.drafts import LONGEST, MOST, Draft
from storage.errors import StorageUnavailable
from storage.sealing import CannotOpen, Sealer
from storage.store import Store

log = logging.getLogger(__name__)

LIFETIME: Final = timedelta(minutes=10)
REDRAWN_FOR: Final = LONGEST
"""The time for which an expired offer can still be redrawn."""

MOST_CARRIED: Final = 2_000
"""The characters that Slack takes as the value of a button."""

_CARRIED: Final = "sealed:"
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PATIENCE_S: Final = 0.8
"""The time for which the database is waited for when a button is pressed: the ack is due within 3 s."""

_LONGEST_LINE: Final = 200
"""The characters of a command that a person can be asked to type."""


class PreparedOffers:
    """The offers of one response with the values of their buttons; `record` is a part of the job that they follow."""

    def __init__(self, offers: Sequence[Offer], actor: str, made_at: datetime, seal: Callable[[Offer], bytes]) -> None:
        self.offers = tuple(offers)
        self.actor = actor
        self._made_at = made_at
        self._seal = seal

    def record(self, db: Connection) -> None:
        """Record them; once more, where a job runs again, they are the same."""
        drafts.keep(db, self._rows, now=self._made_at)

    @functools.cached_property
    def _rows(self) -> Sequence[Draft]:
        """The rows; sealed when they are recorded, which the offers of most commands never are."""
        return [
            Draft(
                id=each.value,
                actor=self.actor,
                sealed=self._seal(each),
                made_at=self._made_at,
                expires_at=self._made_at + _kept_for(each),
            )
            for each in self.offers
            if each.value
        ]


@dataclass(frozen=True)
class _Known:
    """An offer, whose it is, and when it was made, by this process's monotonic clock."""

    offer: Offer
    actor: str
    made: float


class Drafts:
    """Offers by the values of their buttons; with `replicas` a click may come to another process."""

    def __init__(self, store: Store, sealer: Sealer, clock: Clock, verbs: Sequence[Verb], *, replicas: bool) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._verbs = verbs
        self._codec = OfferCodec(verbs)
        self._replicas = replicas
        self._own: dict[str, _Known] = {}

    def prepare(self, offers: Sequence[Offer], actor: str, *, has_buttons: bool = True) -> PreparedOffers:
        """Return the offers of a response to this person: they are good once they are issued."""
        valued = [replace(each, value=secrets.token_urlsafe(12)) for each in offers] if has_buttons else offers
        return PreparedOffers(valued, actor, self._clock.now(), lambda each: self._sealer.seal(self._codec.write(each)))

    def issue(self, prepared: PreparedOffers) -> tuple[Offer, ...]:
        """Return recorded offers for a response, and keep them in memory as well."""
        now = self._clock.monotonic()
        if len(self._own) + len(prepared.offers) > MOST:
            self._make_room(now)
        for each in prepared.offers:
            if each.value:
                self._own[each.value] = _Known(replace(each, value=""), prepared.actor, now)
        return prepared.offers

    def issue_unrecorded(self, prepared: PreparedOffers, command: str) -> tuple[tuple[Offer, ...], str]:
        """Return the offers of a response that could not be recorded, and a line on those that cannot be made.

        One process alone has them in memory. Among several a stop is carried by its button, and of any other the person
        is told what to type: it begins with `command`, and needs the database itself.
        """
        offers = self.issue(prepared)
        if not self._replicas:
            return offers, ""  # also at a terminal
        carried = [self._carried(each, prepared.actor) if self._is_urgent(each) else None for each in offers]
        lacks = [each for each, instead in zip(offers, carried, strict=True) if instead is None]
        lines = [f"{command} {line_of(self._verbs, each.intent)}" for each in lacks]
        return tuple(each for each in carried if each is not None), _typed_instead(lines)

    async def get(self, value: str, actor: str) -> Offer | None:
        """Return the offer to its person; None when it is gone, expired or another person's.

        One whose `good_for` has passed, but can be redrawn, comes back as the question for its present effect.
        It may be read twice: the command's key makes a button act once. Raises StorageUnavailable where it may be good
        and cannot be read.
        """
        known = self._own.get(value)
        if known is None and value.startswith(_CARRIED):
            known = self._opened(value)
        elif known is None and _VALUE.fullmatch(value):
            known = await self._read(value)
        if known is None or known.actor != actor:
            return None
        offer, age_s = known.offer, self._clock.monotonic() - known.made
        if age_s >= _kept_for(offer).total_seconds():
            return None
        if age_s >= _good_for(offer).total_seconds() and offer.redraw is not None:
            return Offer(label=offer.label, intent=offer.redraw)
        return offer

    def _is_urgent(self, offer: Offer) -> bool:
        return verb_of(self._verbs, offer.intent).urgent

    def _carried(self, offer: Offer, actor: str) -> Offer | None:
        """Return an offer whose button carries it, sealed; None where that is longer than Slack takes."""
        content = {"actor": actor, "made_at": self._clock.now().isoformat(), "offer": self._codec.write(offer)}
        value = f"{_CARRIED}{self._sealer.seal(json.dumps(content)).decode()}"
        return replace(offer, value=value) if len(value) <= MOST_CARRIED else None

    async def _read(self, value: str) -> _Known | None:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                draft = await self._store.read(lambda db: drafts.get(db, value))
        except TimeoutError:
            msg = "it does not answer"
            raise StorageUnavailable(msg) from None
        return None if draft is None else self._unsealed(draft.sealed, draft.actor, draft.made_at)

    def _opened(self, value: str) -> _Known | None:
        """Return the offer that a button carries; None where it was not sealed with a key of ours."""
        with contextlib.suppress(CannotOpen, ValueError):
            content = json.loads(self._sealer.open(value.removeprefix(_CARRIED).encode()))
            made = self._clock.at(datetime.fromisoformat(content["made_at"]))
            return _Known(self._codec.read(content["offer"]), content["actor"], made)
        return None

    def _unsealed(self, sealed: bytes, actor: str, made_at: datetime) -> _Known | None:
        """Return a stored offer; None where a key is gone, or another version wrote it otherwise."""
        try:
            return _Known(self._codec.read(self._sealer.open(sealed)), actor, self._clock.at(made_at))
        except CannotOpen:
            log.warning("a button's content cannot be opened with the present keys")
        except ValueError as problem:
            log.warning("a button's content is not as this version writes it: %s", type(problem).__name__)
        return None

    def _make_room(self, now: float) -> None:
        """Forget the expired offers of our own, and of too many the oldest: a tenth, so that this is seldom."""
        good = [
            (key, each) for key, each in self._own.items() if now - each.made < _kept_for(each.offer).total_seconds()
        ]
        self._own = dict(good[-MOST * 9 // 10 :])


def name_of(value: str) -> str:
    """Return a short name of a button by its value, which may carry an offer: the same for every click on it."""
    return hashlib.sha256(value.encode()).hexdigest() if value.startswith(_CARRIED) else value


def _good_for(offer: Offer) -> timedelta:
    return offer.good_for or LIFETIME


def _kept_for(offer: Offer) -> timedelta:
    return _good_for(offer) if offer.redraw is None else REDRAWN_FOR


def _typed_instead(lines: Sequence[str]) -> str:
    """Return the line that stands in the place of buttons: what to type, where that is not too long."""
    if not lines:
        return ""
    short = [code(each) for each in lines if len(each) <= _LONGEST_LINE]
    what = f"{' or '.join(short)} instead" if short else "the command again"
    return f"\nThere is no button for that, since the bot's database cannot be written now. When it can, type {what}."
