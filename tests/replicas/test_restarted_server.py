"""The server ends without a farewell, and comes back: a leader leads again, and nothing is done twice."""

import asyncio

import pytest

from storage.address import ServerAddress
from storage.postgres import server_membership
from storage.store import Store
from tests.postgres.server import private_server

pytestmark = pytest.mark.postgres


async def test_a_server_that_crashed_has_one_leader_again() -> None:
    """Of two members one leads before the crash and one after it, and neither counts as dead for it."""
    with private_server() as server:
        address = ServerAddress(server.address("postgres"))
        store = Store(address)
        await store.open()
        members = [server_membership(address, "1") for _ in range(2)]
        for number, each in enumerate(members):
            await each.owners.hold(f"run-{number}")
        waiting = [asyncio.create_task(each.leadership.acquired()) for each in members]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        leader = next(each for each in members if each.leadership.is_held())
        await asyncio.to_thread(server.stop)
        await leader.leadership.lost()
        assert not any(each.leadership.is_held() for each in members)
        await asyncio.to_thread(server.start)
        again = [asyncio.create_task(each.leadership.acquired()) for each in members]
        await asyncio.wait(again, return_when=asyncio.FIRST_COMPLETED)
        assert sum(each.leadership.is_held() for each in members) == 1
        for each in members:
            for owner in ("run-0", "run-1"):
                assert await store.read(lambda db, of=each, name=owner: of.owners.is_alive(db, name))
        for each in (*waiting, *again):
            each.cancel()
        for number, each in enumerate(members):
            await each.owners.release(f"run-{number}")
            await each.leadership.release()
        await store.close()
