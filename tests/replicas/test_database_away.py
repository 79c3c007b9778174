"""A stop needs neither the database nor Slack's Web API: it goes out from memory, and is recorded later, once."""

import asyncio
from contextlib import ExitStack

import pytest

from bot.life.app import Bot
from bot.sandbox.slack import Http
from bot.sandbox.slack._faults import EVERY_METHOD
from tests.postgres.server import shared_server
from tests.postgres.wire import wire_to
from tests.soak._replicas import deliver_twice

from .conftest import MakeReplicas, Replicas

pytestmark = pytest.mark.postgres


async def remembered(bot: Bot) -> None:
    """Wait until a replica has in memory what was committed before."""
    await bot._store.changed.wait(2)
    await bot._store.read(lambda _: None)


def through(replicas: Replicas, port: int) -> str:
    """Return the address of the database over a wire."""
    return replicas.database.address.replace(f":{shared_server().port}/", f":{port}/")


async def test_a_stop_goes_out_of_two_replicas_and_is_recorded_once(make_replicas: MakeReplicas) -> None:
    """Both were brought the same command: one request id, one row, one reply, and everything else was refused."""
    with ExitStack() as wires:
        async with make_replicas(0) as replicas:
            world = replicas.world
            cables = [wires.enter_context(wire_to(shared_server().port)) for _ in range(2)]
            for cable in cables:
                await replicas.start(through(replicas, cable.port))
            await replicas.leader()
            await world.started()
            for bot in replicas.bots:
                await remembered(bot)
            for cable in cables:
                cable.cut()
            world.slack.faults.stand(EVERY_METHOD, Http(503))
            deliver_twice(world.slack)
            assert (await world.ann.slash(world.ops, "stop 1 now")).acked
            await world.until(lambda: len(world.platform.deliveries) == 2, "a stop of each replica")
            refused = await world.ann.slash(world.ops, "start obedient")
            assert refused.acked
            world.slack.faults.stand(EVERY_METHOD, None)
            for cable in cables:
                cable.mend()
            await world.until(
                lambda: replicas.rows("select 1 from commands where verb = 'stop' and state = 'done'"), "the stop's row"
            )
            await world.shows("ended")
            await asyncio.gather(*(bot._tasks.idle() for bot in replicas.bots))
            assert len({each.headers["X-Request-Id"] for each in world.platform.deliveries}) == 1
            assert replicas.rows("select verb, state from commands order by id") == [
                ("start", "done"), ("stop", "done"), ("start", "refused"),
            ]  # fmt: skip
            replies = replicas.rows("select count(*) from messages where kind = 'reply'")
            assert replies == [(1,)]
            assert len(world.platform.starts()) == 1
