"""The lead and the leases on a real server: taken, lost, and taken over, with the network cut and the server gone."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from storage.address import ServerAddress
from storage.errors import StorageUnavailable
from storage.membership import Membership
from storage.postgres import _presence, server_membership
from storage.store import Store
from tests.postgres.databases import Database
from tests.postgres.server import shared_server
from tests.postgres.wire import wire_to

pytestmark = pytest.mark.postgres


@contextlib.asynccontextmanager
async def member(address: str, owner: str) -> AsyncIterator[Membership]:
    """Hold a lease, and want the lead."""
    made = server_membership(ServerAddress(address), "1")
    await made.owners.hold(owner)
    waiting = asyncio.create_task(made.leadership.acquired())
    try:
        yield made
    finally:
        waiting.cancel()
        await made.owners.release(owner)
        await made.leadership.release()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.02)


async def test_one_leads_and_the_next_takes_over_when_it_ends(database: Database) -> None:
    """Of two members one leads; when it ends, the other leads."""
    async with member(database.address, "run-b") as second_at_first:
        await second_at_first.leadership.acquired()
        async with member(database.address, "run-a") as other:
            assert not other.leadership.is_held()
            await second_at_first.owners.release("run-b")
            await second_at_first.leadership.release()
            await other.leadership.acquired()
            assert not second_at_first.leadership.is_held()


async def test_a_leader_that_is_cut_off_stops_before_the_next_one_leads(database: Database) -> None:
    """With the wire cut, so that nobody hears of it, the old leader does not lead when the new one begins to."""
    with wire_to(shared_server().port) as wire:
        password = database.address.partition("bot:")[2].partition("@")[0]
        over = shared_server().address(database.name, user="bot", password=password, port=wire.port)
        async with member(over, "run-a") as first:
            await first.leadership.acquired()
            async with member(database.address, "run-b") as second:
                wire.cut()
                await first.leadership.lost()
                lost_at = time.monotonic()
                assert not second.leadership.is_held()
                await second.leadership.acquired()
                assert time.monotonic() > lost_at
                assert not first.leadership.is_held()
                wire.mend()


async def test_a_loss_is_told_once_and_so_is_the_return(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """While the server cannot be reached the log says once that the sign of life was lost, and once that it is back."""
    caplog.set_level("INFO")
    with wire_to(shared_server().port) as wire:
        password = database.address.partition("bot:")[2].partition("@")[0]
        over = shared_server().address(database.name, user="bot", password=password, port=wire.port)
        async with member(over, "run-a") as first:
            await first.leadership.acquired()
            wire.reset()
            await first.leadership.lost()
            tried = wire.refused

            async def tried_again() -> bool:
                return wire.refused > tried + 2

            await until(tried_again)
            wire.mend()
            await first.leadership.acquired()
    assert caplog.text.count("the sign of life was lost") == 1
    assert caplog.text.count("the sign of life is back after") == 1


async def test_a_lease_ends_at_once_with_a_goodbye(database: Database) -> None:
    """An owner lives from its first beat to its goodbye; a name without a lease is dead."""
    store = Store(ServerAddress(database.address))
    await store.open()
    async with member(database.address, "run-a") as judge:
        other = server_membership(ServerAddress(database.address), "1")
        await other.owners.hold("cli-b")
        alive = lambda owner: store.read(lambda db: judge.owners.is_alive(db, owner))  # noqa: E731 - short
        assert await alive("cli-b")
        assert not await alive("cli-c")
        leases = await store.read(judge.owners.leases)
        assert {each.owner: each.is_replica for each in leases} == {"run-a": True, "cli-b": False}
        await other.owners.release("cli-b")
        assert not await alive("cli-b")
    await store.close()


async def test_a_server_that_was_away_makes_nobody_dead(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease of which nothing was heard is not judged by a process that was itself away a moment ago."""
    monkeypatch.setattr(_presence, "DEAD_AFTER_S", 1.0)
    store = Store(ServerAddress(database.address))
    await store.open()
    async with member(database.address, "run-a") as judge:
        with database.connect() as connection:
            connection.execute(
                "insert into replicas (owner, name, version, schema_version, beat_at)"
                " values ('run-b', 'host:1', '1', 1, clock_timestamp() - interval '11 s')"
            )
        is_alive = lambda: store.read(lambda db: judge.owners.is_alive(db, "run-b"))  # noqa: E731 - short
        assert await is_alive()

        async def is_dead() -> bool:
            return not await is_alive()

        await until(is_dead)
    await store.close()


async def test_without_a_server_there_is_no_lease(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that cannot beat does not begin: it would count as dead."""
    monkeypatch.setattr(_presence, "HELD_WITHIN_S", 1.0)
    address = database.address.replace(f":{shared_server().port}/", ":9/")
    with pytest.raises(StorageUnavailable, match="no sign of life"):
        await server_membership(ServerAddress(address), "1").owners.hold("run-a")
