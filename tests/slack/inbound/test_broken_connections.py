"""Connections to Slack that break, fall silent or lose their proxy, and deliveries in another order than was typed.

slack_sdk looks at its connection once a ping's interval; what must not wait for that is tried with an interval of an
hour, and what it is there for with one of a tenth of a second.
"""

from slack_sdk.socket_mode.aiohttp import SocketModeClient

from bot.life.app import Bot
from bot.sandbox.voximplant import Hang
from bot.slack.inbound._socket_mode import SocketMode
from storage.command import CommandState
from tests.conversations.conftest import MakeWorld, World
from tests.proxy_server import ProxyServer
from tests.quick_clock import QuickClock

HOUR_S = 3_600.0


async def connect_with(bot: Bot | None, *, ping_s: float) -> SocketModeClient:
    """Connect anew, with another interval between two pings; return the client."""
    assert bot is not None
    assert isinstance(bot.receiver, SocketMode)
    client = bot.receiver._client
    client.ping_interval = ping_s
    await client.connect_to_new_endpoint(force=True)
    return client


async def test_a_connection_that_breaks_is_replaced_before_the_next_ping(make_world: MakeWorld) -> None:
    """After a cut the bot is back at once, and what is typed then is done once."""
    async with make_world(clock=QuickClock(times=20)) as world:
        for _ in range(2):  # also one that breaks as soon as it is there
            await connect_with(world.bot, ping_s=HOUR_S)
            await world.slack.connected()
            assert world.slack.cut() >= 1
            await world.slack.connected()
        await world.says(world.ann, "start obedient", expect="Started")
        assert len(world.platform.starts()) == 1
        assert {each.state for each in world.commands()} == {CommandState.done}


async def test_a_connection_that_falls_silent_is_replaced(make_world: MakeWorld) -> None:
    """A connection over which nothing comes any more, and which nobody closes, is left for another."""
    async with ProxyServer() as proxy, make_world(environ={"SESSION_BOT_PROXY": proxy.url}) as world:
        client = await connect_with(world.bot, ping_s=0.5)
        await world.slack.connected()
        silent = client.current_session
        proxy.hold()
        await world.until(
            lambda: client.current_session is not silent and world.slack._sockets.connections == 1,
            "another connection in the place of the silent one",
        )
        await world.says(world.ann, "list", expect="No session")


async def test_a_proxy_that_dies_in_the_middle_makes_no_second_start(make_world: MakeWorld) -> None:
    """The start that was under way is unknown, never repeated, and found once there is a proxy again."""
    async with ProxyServer() as proxy, make_world(environ={"SESSION_BOT_PROXY": proxy.url}) as world:
        world.platform.faults.management("StartScenarios", Hang(applied=True))
        assert (await world.ann.slash(world.ops, "start obedient")).acked
        await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
        answer = proxy.answer
        proxy.die()
        await world.until(lambda: world.commands()[0].state is CommandState.unknown, "its outcome")
        proxy.answer = answer
        await world.slack.connected()
        await world.shows("uncontrolled")
        assert len(world.platform.starts()) == 1


async def test_deliveries_in_another_order_are_done_once(world: World) -> None:
    """What comes a second time after all that followed it, and in another order, does nothing."""
    started = await world.ann.slash(world.ops, "start obedient")
    await world.shows("running")
    sent = await world.ann.slash(world.ops, 'send 1 {"say": "hello"}')
    await world.told(world.ann, "Delivered to #1")
    stopped = await world.bob.slash(world.ops, "stop 1")
    await world.told(world.bob, "Confirmed: #1")
    for person, act in ((world.bob, stopped), (world.ann, started), (world.ann, sent)):
        assert (await person.redeliver(act)).acked
    await world.says(world.ann, "list", expect="No session is open")
    assert len(world.platform.starts()) == 1
    assert len(world.platform.deliveries) == 2
    assert [each.verb for each in world.commands()] == ["start", "send", "stop", "list"]
