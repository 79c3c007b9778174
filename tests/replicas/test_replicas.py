"""Several replicas are one bot to everybody in Slack, whichever of them dies when."""

import asyncio

import aiohttp
import pytest

from tests.postgres.server import shared_server
from tests.postgres.wire import wire_to

from .conftest import MakeReplicas

pytestmark = pytest.mark.postgres


async def until_ready(client: aiohttp.ClientSession, port: int) -> None:
    """Wait until a replica is ready."""
    async with asyncio.timeout(30):
        while True:
            async with client.get(f"http://127.0.0.1:{port}/readyz") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)


async def test_a_replica_comes_up_once_others_let_it_write(
    make_replicas: MakeReplicas, caplog: pytest.LogCaptureFixture
) -> None:
    """One that is held up in a commit, for as long as the server lets it, keeps no other from coming up."""
    async with make_replicas(0) as replicas:
        with replicas.database.locked():
            starting = asyncio.create_task(replicas.start())
            await replicas.world.until(lambda: "waiting for the database: others" in caplog.text, "it to wait")
            assert not starting.done()
        await starting
        await replicas.leader()


async def test_a_session_is_started_and_stopped_whichever_replica_hears_of_it(make_replicas: MakeReplicas) -> None:
    """Ten starts and stops spread over three replicas: one call, one card and one stop each, all told."""
    async with make_replicas(3) as replicas:
        world = replicas.world
        await replicas.leader()
        for number in range(6):
            await world.started(f"obedient {number}")
            await world.says(world.ann, f"stop {number + 1}", expect=f"Confirmed: #{number + 1}")
        assert len(world.platform.starts()) == 6
        assert len(world.platform.deliveries) == 6
        assert len(world._cards(None)) == 6
        owners = replicas.rows("select distinct owner from commands")
        assert len(owners) > 1, "all came to one replica"


async def test_a_follower_that_ends_takes_nothing_along(make_replicas: MakeReplicas) -> None:
    """When the leader ends in order, the next one leads at once, and sessions go on."""
    async with make_replicas(2) as replicas:
        world, first = replicas.world, await replicas.leader()
        await world.started()
        replicas.bots.remove(first)
        await first.stop()
        await replicas.leader()
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        await world.shows("ended")


async def test_status_and_readiness_name_the_leader(make_replicas: MakeReplicas) -> None:
    """Each replica is ready and tells its part, its metrics count the others, and status lists them all."""
    async with make_replicas(2) as replicas:
        world, leader = replicas.world, await replicas.leader()
        shown = await world.says(world.ann, "status", expect="Replica")
        assert shown.text.count("Replica") == 2
        assert shown.text.index("leads") < shown.text.index("follows")
        async with aiohttp.ClientSession() as client:
            for bot in replicas.bots:
                async with client.get(f"http://127.0.0.1:{bot.ops_port}/readyz") as answer:
                    part = "leader" if bot is leader else "follower"
                    assert (answer.status, f"role: {part}" in await answer.text()) == (200, True)
                async with client.get(f"http://127.0.0.1:{bot.ops_port}/metrics") as answer:
                    metrics = await answer.text()
                    assert f"session_bot_is_leader {float(bot is leader)}" in metrics
                    assert "session_bot_replicas 2.0" in metrics


async def test_what_a_person_asks_a_follower_the_leader_looks_up(make_replicas: MakeReplicas) -> None:
    """Each refresh, whichever replica hears of it, asks the history and paints the card anew."""
    async with make_replicas(2, environ={"SESSION_BOT_WATCH_SECONDS": "600"}) as replicas:
        world = replicas.world
        await replicas.leader()
        await world.started()
        for _ in range(4):
            asked = len([each for each in world.asked() if each == "GetCallHistory"])
            await world.says(world.ann, "refresh 1", expect="being asked now")
            await world.until(
                lambda before=asked: len([each for each in world.asked() if each == "GetCallHistory"]) > before,
                "the history to be asked",
            )
        assert len(set(replicas.rows("select owner from commands where verb = 'refresh'"))) > 1


async def test_a_leader_that_loses_the_database_leads_no_more(make_replicas: MakeReplicas) -> None:
    """A leader that is cut off from the database is followed by another one, and is a follower when it is back."""
    with wire_to(shared_server().port) as wire:
        async with make_replicas(0) as replicas:
            world = replicas.world
            address = replicas.database.address.replace(f":{shared_server().port}/", f":{wire.port}/")
            first = await replicas.start(address)
            await replicas.leader()
            second = await replicas.start()
            wire.cut()
            assert await replicas.leader(besides=first) is second
            assert not first.leads
            wire.mend()
            async with aiohttp.ClientSession() as client:
                await until_ready(client, first.ops_port)
            for number in range(4):
                await world.started(f"obedient {number}")
            assert len(world._cards(None)) == 4
            assert len(world.platform.starts()) == 4
