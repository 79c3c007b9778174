"""Offers that a button refers to by a value: in the process that made them, and in any other on the same database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar, cast

import pytest
from cryptography.fernet import Fernet

from bot.dispatch._drafts import LIFETIME, MOST_CARRIED, REDRAWN_FOR, Drafts, name_of
from bot.ports._ids import SessionRef
from bot.ports._response import Offer
from bot.verbs import VERBS, Send, Start, Stop, TheseSessions
from storage import Job
from storage import drafts as table
from storage.address import ServerAddress
from storage.drafts import MOST
from storage.errors import StorageUnavailable
from storage.sealing import Sealer
from storage.store import Store
from tests.manual_clock import ManualClock

T = TypeVar("T")
OFFER = Offer(label="Start another", intent=Start("obedient", "4242 4242"), again=True)
STOP = Offer(label="Stop #7", intent=Stop(TheseSessions.own(7)), confirmed=True, danger=True)
KEYS = [Fernet.generate_key().decode()]


class Replica:
    """One process of the bot as far as its drafts concern it."""

    def __init__(self, store: Store, clock: ManualClock, *, keys: list[str] = KEYS, replicas: bool = True) -> None:
        self.store = store
        self.clock = clock
        self.drafts = Drafts(store, Sealer(keys), clock, VERBS, replicas=replicas)

    async def keep(self, offer: Offer, actor: str = "U1") -> str:
        """Record and issue an offer as a command does; return the value of its button."""
        prepared = self.drafts.prepare([offer], actor)
        await self.store.write(prepared.record)
        (issued,) = self.drafts.issue(prepared)
        return issued.value

    async def get(self, value: str, actor: str = "U1") -> Offer | None:
        """Return what the button offers."""
        return await self.drafts.get(value, actor)


@dataclass
class Away:
    """A store whose database is away: it says so, or `hangs`."""

    store: Store
    hangs: bool

    async def read(self, _: Job[T]) -> T:
        """Answer as a database that is away does."""
        if self.hangs:
            await asyncio.get_running_loop().create_future()
        msg = "it is away"
        raise StorageUnavailable(msg)


@pytest.fixture
async def stores(address: Path | ServerAddress) -> AsyncIterator[tuple[Store, Store]]:
    """Open two stores on one database, as two processes do."""
    async with contextlib.AsyncExitStack() as opened:
        pair = Store(address), Store(address)
        for each in pair:
            await each.open()
            opened.push_async_callback(each.close)
            await each.read(lambda _: None)  # it is connected: a click waits less than a second for what it means
        yield pair


@pytest.fixture
def clock() -> ManualClock:
    """Return the clock of the first process."""
    return ManualClock()


@pytest.fixture(params=["the one that made it", "another"])
async def pair(
    request: pytest.FixtureRequest, stores: tuple[Store, Store], clock: ManualClock
) -> tuple[Replica, Replica]:
    """Return the process that makes an offer and the one that gets the click."""
    maker = Replica(stores[0], clock)
    if request.param == "the one that made it":
        return maker, maker
    return maker, Replica(stores[1], clock)


async def test_an_offer_is_for_its_person_only(pair: tuple[Replica, Replica]) -> None:
    """The value of a button gives the offer to whom it was made, as often as asked, and to nobody else."""
    maker, taker = pair
    value = await maker.keep(OFFER)
    assert await taker.get(value) == OFFER
    assert await taker.get(value) == OFFER
    assert await taker.get(value, "U2") is None
    for guessed in ("guessed", "", "sealed:", f"sealed:{value}", "\ud83d"):
        assert await taker.get(guessed) is None
    assert "obedient" not in value


async def test_an_offer_lasts_its_time(pair: tuple[Replica, Replica], clock: ManualClock) -> None:
    """After its lifetime an offer is gone, whether or not others came since."""
    maker, taker = pair
    value = await maker.keep(OFFER)
    clock.let_pass(LIFETIME - timedelta(seconds=1))
    assert await taker.get(value) == OFFER
    clock.let_pass(timedelta(seconds=1))
    assert await taker.get(value) is None
    later = await maker.keep(OFFER)
    assert later != value
    assert await taker.get(later) == OFFER


async def test_an_expired_offer_asks_anew(pair: tuple[Replica, Replica], clock: ManualClock) -> None:
    """An offer is what it was for its own time; for an hour it is then the question for its present effect."""
    maker, taker = pair
    good_for = timedelta(minutes=5)
    redrawn = replace(OFFER, good_for=good_for, redraw=Start("other", None))
    value, without = await maker.keep(redrawn), await maker.keep(replace(OFFER, good_for=good_for))
    clock.let_pass(good_for - timedelta(seconds=1))
    assert await taker.get(value) == redrawn
    assert await taker.get(without) is not None
    clock.let_pass(timedelta(seconds=1))
    assert await taker.get(value) == Offer(label=OFFER.label, intent=Start("other", None))
    assert await taker.get(without) is None
    clock.let_pass(REDRAWN_FOR - good_for)
    assert await taker.get(value) is None


@pytest.mark.parametrize("by", [timedelta(days=-1), timedelta(hours=-2), timedelta(days=1)])
async def test_a_clock_that_is_set_makes_no_offer_immortal(
    stores: tuple[Store, Store], clock: ManualClock, by: timedelta
) -> None:
    """Set while the process runs, the clock changes nothing; one that comes up afterwards holds the offer for past."""
    maker = Replica(stores[0], clock)
    value = await maker.keep(OFFER)
    clock.set(by)
    assert await maker.get(value) == OFFER
    clock.forget()
    assert await Replica(stores[1], clock).get(value) is None
    clock.let_pass(LIFETIME)
    assert await maker.get(value) is None


async def test_nothing_of_an_offer_stands_in_plain_text(stores: tuple[Store, Store], clock: ManualClock) -> None:
    """What is stored is sealed: the file shows neither the verb nor the data, and another key opens nothing."""
    value = await Replica(stores[0], clock).keep(OFFER)
    row = await stores[0].read(lambda db: table.get(db, value))
    assert row is not None
    assert not any(word in row.sealed for word in (b"4242", b"obedient", b"Start"))
    assert "4242" not in repr(row)
    other = Replica(stores[1], clock, keys=[Fernet.generate_key().decode()])
    assert await other.get(value) is None
    assert await Replica(stores[1], clock, keys=[Fernet.generate_key().decode(), *KEYS]).get(value) == OFFER


async def test_what_another_version_stored_is_gone(stores: tuple[Store, Store], clock: ManualClock) -> None:
    """An offer that is written otherwise is not guessed at."""
    value = await Replica(stores[0], clock).keep(OFFER)
    sealed = Sealer(KEYS).seal('{"Offer":{"label":"Stop"}}')
    await stores[0].write(lambda db: db.execute("update drafts set sealed = ?", [sealed]))
    assert await Replica(stores[1], clock).get(value) is None


async def test_without_its_database_a_process_knows_its_own(stores: tuple[Store, Store], clock: ManualClock) -> None:
    """Its own buttons work while the database is away; of another's it knows that they cannot be read, not are gone."""
    maker, other = Replica(stores[0], clock), Replica(stores[1], clock)
    value = await maker.keep(OFFER)
    for each, hangs in ((stores[0], False), (stores[1], True)):
        maker.drafts._store = other.drafts._store = cast("Store", Away(each, hangs=hangs))
        assert await maker.get(value) == OFFER
        with pytest.raises(StorageUnavailable):
            await other.get(value)


async def test_one_process_alone_issues_what_it_could_not_record(
    stores: tuple[Store, Store], clock: ManualClock
) -> None:
    """Where no other process gets the click, every button works from memory."""
    alone = Replica(stores[0], clock, replicas=False)
    offers, lacks = alone.drafts.issue_unrecorded(alone.drafts.prepare([OFFER, STOP], "U1"), "/session")
    assert lacks == ""
    assert [await alone.get(each.value) for each in offers] == [OFFER, STOP]


async def test_among_several_an_unrecorded_stop_is_carried_by_its_button(
    stores: tuple[Store, Store], clock: ManualClock
) -> None:
    """A stop's button works in every process without the database; of the others the person learns what to type."""
    maker, other = Replica(stores[0], clock), Replica(stores[1], clock)
    prepared = maker.drafts.prepare([OFFER, STOP], "U1")
    for each in stores:
        await each.close()
    (offer,), lacks = maker.drafts.issue_unrecorded(prepared, "/session")
    assert "/session start obedient 4242 4242" in lacks
    assert await other.get(offer.value) == STOP
    assert await other.get(offer.value, "U2") is None
    assert await Replica(stores[1], clock, keys=[Fernet.generate_key().decode()]).get(offer.value) is None
    assert "#7" not in offer.value
    assert len(offer.value) <= MOST_CARRIED
    assert len(name_of(offer.value)) < 100
    clock.let_pass(LIFETIME)
    assert await other.get(offer.value) is None
    long = replace(STOP, intent=Stop(TheseSessions.own(*range(100))))
    none, lacks = maker.drafts.issue_unrecorded(maker.drafts.prepare([long], "U1"), "/session")
    assert none == ()
    assert "type the command again" in lacks


async def test_what_nobody_can_press_is_not_stored(stores: tuple[Store, Store], clock: ManualClock) -> None:
    """At a terminal there are no buttons, so its offers are no rows."""
    replica = Replica(stores[0], clock)
    prepared = replica.drafts.prepare([OFFER], "U1", has_buttons=False)
    await stores[0].write(prepared.record)
    assert replica.drafts.issue(prepared) == (OFFER,)
    assert await stores[0].read(lambda db: db.execute("select count(*) from drafts").fetchone()[0]) == 0


async def test_of_very_many_offers_the_oldest_go(stores: tuple[Store, Store], clock: ManualClock) -> None:
    """In memory no more are kept than the bound says; the expired ones go first, and the newest are always good."""
    replica = Replica(stores[0], clock)
    first, *_ = replica.drafts.issue(replica.drafts.prepare([OFFER] * MOST, "U1"))
    assert await replica.get(first.value) == OFFER
    (last,) = replica.drafts.issue(replica.drafts.prepare([OFFER], "U1"))
    assert (await replica.get(first.value), await replica.get(last.value)) == (None, OFFER)
    assert len(replica.drafts._own) <= MOST
    clock.let_pass(LIFETIME)
    (last,) = replica.drafts.issue(replica.drafts.prepare([replace(OFFER, draft="{")] * (MOST // 5), "U1"))[-1:]
    assert (await replica.get(last.value)) is not None
    assert len(replica.drafts._own) <= MOST


async def test_a_draft_of_the_editor_keeps_what_was_typed(pair: tuple[Replica, Replica]) -> None:
    """The typed data is there as it was typed, half a character and all."""
    maker, taker = pair
    typed = replace(OFFER, intent=Send(SessionRef(7), None), editor=7, draft='{"a": \ud83d "b" „')
    assert await taker.get(await maker.keep(typed)) == typed
