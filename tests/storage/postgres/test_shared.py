"""What replicas share on a server: the contents of buttons, and one time."""

import contextlib
import time
from collections.abc import AsyncIterator

import pytest

from storage import drafts
from storage.address import ServerAddress
from storage.postgres._presence import Presence
from storage.store import Store
from tests.dispatch.test_drafts import OFFER, Replica
from tests.manual_clock import ManualClock
from tests.postgres.databases import Database, fresh_database
from tests.storage.conftest import NOW
from tests.storage.test_drafts import a_draft

pytestmark = pytest.mark.postgres


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """Yield a new database with the schema."""
    with fresh_database() as made:
        yield made


async def test_what_one_replica_offers_the_other_knows(database: Database) -> None:
    """A button that one replica made works on the other, for its person; kept once more it is the same."""
    async with contextlib.AsyncExitStack() as opened:
        stores = [Store(ServerAddress(database.address)) for _ in range(2)]
        for each in stores:
            await each.open()
            opened.push_async_callback(each.close)
        clock = ManualClock()
        one, other = (Replica(each, clock) for each in stores)
        value = await one.keep(OFFER)
        assert await other.get(value) == OFFER
        assert await other.get(value, "U2") is None
        assert await other.get("\0") is None
        both = [a_draft(1, NOW), a_draft(2, NOW)]
        for store in stores:
            await store.write(lambda db: drafts.keep(db, both, now=NOW))
        assert await stores[1].read(lambda db: drafts.get(db, "draft2")) == both[1]
        await stores[0].write(lambda db: drafts.forget(db, clock.now()))
        assert await other.get(value) is not None
        await stores[0].write(drafts.remove_all)
        assert await other.get(value) is None
        assert await one.get(value) == OFFER  # its own, in memory


@pytest.mark.parametrize("ahead_s", [0, 120, -120])
async def test_every_sign_of_life_says_how_far_a_clock_is_ahead(database: Database, ahead_s: int) -> None:
    """With its first sign of life a process knows by how much its clock differs from the server's."""
    told: list[float] = []
    presence = Presence(ServerAddress(database.address), "1", told.append, lambda: time.time() + ahead_s)
    await presence.hold("run-1")
    try:
        assert told[0] == pytest.approx(ahead_s, abs=5)
    finally:
        await presence.end()
