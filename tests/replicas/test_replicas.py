"""Several replicas are one bot to everybody in Slack, whichever of them dies when."""

import aiohttp
import pytest

from .conftest import MakeReplicas

pytestmark = pytest.mark.postgres


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
