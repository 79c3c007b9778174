"""Bolt's sharp edges (facts-slack §3): each is met by a real payload over a real websocket."""

import asyncio
import gc
import logging
from dataclasses import replace

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.middleware.async_custom_middleware import AsyncCustomMiddleware
from slack_bolt.response import BoltResponse

from bot.sandbox.slack import Error as SlackError
from bot.sandbox.slack import Http
from bot.sandbox.slack import Reset as SlackReset
from bot.sandbox.slack._faults import Fault
from bot.sandbox.voximplant import Hang, Slow
from bot.slack.inbound._socket_mode import SocketMode
from tests.conversations.conftest import MakeWorld, World
from tests.quick_clock import QuickClock

AT_ONCE = 20


async def ops(world: World, page: str) -> tuple[int, str]:
    """Get a page of the operations endpoints."""
    assert world.bot is not None
    url = f"http://127.0.0.1:{world.bot.ops_port}/{page}"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.text()


async def test_a_listener_that_raises_before_its_ack_still_acks(world: World) -> None:
    """A command that falls over before its ack is acked with a reference, which stands in log and audit (trap 1)."""
    with world.database() as db:
        db.execute("create trigger broken before insert on commands begin select raise(abort, 'broken'); end")
    typed = await world.ann.slash(world.ops, "list")
    assert typed.acked
    assert typed.ack is not None
    reference = typed.ack["text"].rpartition("Reference: ")[2].strip("`.")
    await world.until(
        lambda: any(reference in (line.words or "") for line in world.audit()), "the reference to stand in the audit"
    )


async def test_a_click_that_raises_is_acked_and_told(world: World) -> None:
    """A click that falls over is acked, and its person is told beside the ack (traps 1 and 2)."""
    card = await world.started()
    with world.database() as db:
        db.execute("create trigger broken before insert on commands begin select raise(abort, 'broken'); end")
    clicked = await world.ann.click(card, "Stop", confirm=True)
    assert clicked.acked
    told = await world.told(world.ann, "Reference")
    assert "unexpected" in told.text


async def test_a_button_nobody_knows_is_answered(world: World) -> None:
    """A button that an older version left behind is acked and called expired, not left to time out (trap 3)."""
    card = await world.started()
    clicked = await world.ann.click(card, "Stop", confirm=True)
    await world.shows("ended")
    assert clicked.envelope is not None
    old = {**clicked.envelope.payload["actions"][0], "action_id": "button-of-last-year"}
    envelope = replace(clicked.envelope, payload={**clicked.envelope.payload, "actions": [old]})
    assert (await world.ann.redeliver(replace(clicked, envelope=envelope))).acked
    await world.told(world.ann, "expired")


async def test_a_verb_that_raises_right_after_the_ack_does_not_lose_it(world: World) -> None:
    """A verb that fails at once, right behind the ack, leaves the ack whole; the person gets a reference (trap 1)."""
    await world.started()
    with world.database() as db:
        db.execute("update sessions set created_at = 'no time'")
    typed = await asyncio.gather(*(world.ann.slash(world.ops, "status 1") for _ in range(5)))
    assert all(each.acked for each in typed)
    await world.told(world.ann, "Reference")


async def test_one_listener_answers_one_command(world: World) -> None:
    """Each command is one row and one answer, whatever its ack carries (trap 3)."""
    for text in ("help", "", "stpo 7", "list"):
        typed = await world.ann.slash(world.ops, text)
        assert typed.acked
    await world.told(world.ann, "No session")
    assert [command.verb for command in world.commands()] == ["help", "help", "unknown", "list"]


async def test_nothing_is_lazy(world: World) -> None:
    """No listener works through Bolt's lazy functions, whose errors nobody would hear of (trap 5)."""
    assert world.bot is not None
    receiver = world.bot.receiver
    assert isinstance(receiver, SocketMode)
    listeners = receiver._router._app._async_listeners
    assert listeners
    assert not any(each.lazy_functions for each in listeners)


async def test_a_command_does_not_go_through_bolt(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slash command goes to its listener directly, and all else through Bolt, which takes longer than the rest."""
    seen: list[str] = []
    through = AsyncApp.async_dispatch

    async def dispatch(app: AsyncApp, request: AsyncBoltRequest) -> BoltResponse:
        seen.append(request.body["command"])
        return await through(app, request)

    monkeypatch.setattr(AsyncApp, "async_dispatch", dispatch)
    assert (await world.ann.slash(world.ops, "help")).acked
    assert (await world.ann.slash(world.ops, "help", command="/sessions")).acked
    assert seen == ["/sessions"]


async def test_nothing_stands_around_a_listener(world: World) -> None:
    """All middleware is Bolt's own: its `next()` returns before the listener runs, so it can guard none (trap 4)."""
    assert world.bot is not None
    receiver = world.bot.receiver
    assert isinstance(receiver, SocketMode)
    app = receiver._router._app
    around = [*app._async_middleware_list, *(one for each in app._async_listeners for one in each.middleware)]
    assert around
    assert not [each for each in around if isinstance(each, AsyncCustomMiddleware)]


async def test_a_pending_command_survives_the_collector(world: World) -> None:
    """A command that waits for the platform is held on to while garbage is collected (trap 6)."""
    world.platform.faults.management("StartScenarios", Slow(10))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    for _ in range(3):
        gc.collect()
        await asyncio.sleep(0)
    world.platform.faults.release()
    await world.shows("running")


async def test_many_commands_at_once_go_by_their_lane(make_world: MakeWorld) -> None:
    """Of many sends at once, to sessions that hang, as many are on their way as the lane has room (trap 9)."""
    async with make_world() as world:
        places = [world.slack.channel(f"ops-{number}") for number in range(AT_ONCE)]  # Slack takes a card a second
        for number, place in enumerate(places):
            typed = await world.ann.slash(place, f"start obedient {number}")
            assert typed.acked
        own = {place.id: place for place in places}
        await world.until(lambda: sum(c.state == "done" for c in world.commands()) == AT_ONCE, "all to be started")
        world.platform.faults.session(Hang(), times=AT_ONCE)
        started = {number: own[world.session(number).channel] for number in range(1, AT_ONCE + 1)}
        typed = await asyncio.gather(*(world.ann.slash(place, f"send {n} {{}}") for n, place in started.items()))
        assert all(each.acked for each in typed)
        await world.until(lambda: len(world.platform.deliveries) == 16, "the lane to be full")
        _, text = await ops(world, "metrics")
        assert 'session_bot_lane_in_flight{lane="send"} 16.0' in text
        assert f'session_bot_lane_waiting{{lane="send"}} {AT_ONCE - 16}.0' in text
        stopped = await world.bob.slash(started[1], "stop 1")
        assert stopped.acked
        await world.until(lambda: len(world.platform.deliveries) == 17, "a stop to pass all sends")
        world.platform.faults.release()


async def test_a_hanging_platform_delays_no_ack(world: World) -> None:
    """While the platform hangs, other commands are acked and answered (trap 10)."""
    world.platform.faults.management("StartScenarios", Hang())
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: any(each.method == "StartScenarios" for each in world.platform.requests), "the start")
    await world.says(world.bob, "status 1", expect="starting")
    assert world.commands()[0].state == "calling"
    world.platform.faults.release()


async def test_readiness_tells_the_sockets_truth(world: World) -> None:
    """Without its connection to Slack the bot is not ready, and says so; with a new one it is (trap 11)."""
    assert (await ops(world, "readyz"))[0] == 200
    assert world.bot is not None
    receiver = world.bot.receiver
    assert isinstance(receiver, SocketMode)
    await receiver._client.disconnect()
    status, text = await ops(world, "readyz")
    assert status == 503
    assert "slack: not connected to Slack" in text
    assert "database: ok" in text
    await receiver._client.connect_to_new_endpoint(force=True)
    await world.slack.connected()
    assert (await ops(world, "readyz"))[0] == 200


@pytest.mark.parametrize("fault", [Http(503), Http(200), SlackReset(), SlackError("internal_error")], ids=str)
async def test_a_connection_that_cannot_be_replaced_yet_is_asked_for_again(world: World, fault: Fault) -> None:
    """Told to reconnect while Slack gives no address, the bot is not ready and goes on asking (trap 11)."""
    world.slack._sockets._close_seconds = 3_600  # what Slack asked to be replaced it leaves open, and never uses again
    world.slack.faults.add("apps.connections.open", fault, times=1_000)
    await world.slack.disconnect()
    async with asyncio.timeout(30):
        while (await ops(world, "readyz"))[0] == 200:  # noqa: ASYNC110 - it is asked, as a probe does
            await asyncio.sleep(0.01)
    assert "slack: not connected to Slack: " in (await ops(world, "readyz"))[1]
    world.slack.faults.clear()
    await world.slack.connected()
    await world.says(world.ann, "list", expect="No session")
    assert (await ops(world, "readyz"))[0] == 200


async def test_an_address_that_is_used_up_is_not_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A websocket that is refused is tried again with a new address, not with the one that was refused (trap 11)."""
    sockets, given = world.slack._sockets, []
    new_url = sockets._new_url

    def at_first_used_up() -> str:
        given.append(new_url())
        if len(given) < 3:
            sockets._tickets.clear()
        return given[-1]

    monkeypatch.setattr(sockets, "_new_url", at_first_used_up)
    await world.slack.disconnect()
    await world.slack.until(lambda: sockets.connections, "a connection with the third address")
    assert len(given) == 3


async def test_what_was_taken_is_acked_before_the_connection_closes(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """Told to end while commands wait for the database, the bot still acks each, and only then disconnects (trap 7)."""
    async with make_world(clock=QuickClock(times=1)) as world:
        assert world.bot is not None
        receiver = world.bot.receiver
        assert isinstance(receiver, SocketMode)
        reading = receiver._client.message_receiver
        assert reading is not None
        with world.locked():
            typing = [asyncio.create_task(world.ann.slash(world.ops, f"list channel=all {n}")) for n in range(3)]
            await world.until(lambda: receiver._client.taken.working == len(typing), "all to be taken")
            stopping = asyncio.create_task(world.stop_bot())
            await world.until(reading.done, "the bot to read nothing more")
        assert all(each.acked for each in await asyncio.gather(*typing))
        await stopping
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_recycled_connection_loses_nothing(world: World) -> None:
    """When Slack replaces the connection, as it does every hour, the next command is answered."""
    await world.slack.disconnect()
    await world.slack.connected()
    await world.says(world.ann, "list", expect="No session")


async def test_what_lies_in_the_environment_changes_nothing(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """OAuth settings and proxies that lie about are put aside, and the log says so (trap 12)."""
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "lies-about")
    async with make_world(start=False) as world:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with caplog.at_level(logging.WARNING):
            await world.start_bot()
        await world.started()
    assert "SLACK_CLIENT_ID is in the environment and is ignored" in caplog.text
    assert "a proxy is named in the environment and is not used" in caplog.text


async def test_another_workspaces_payload_is_refused(world: World) -> None:
    """A payload of another workspace is denied after its ack, with a row, and starts nothing (trap 14)."""
    typed = await world.ann.slash(world.ops, "start obedient", team_id="T0OTHER")
    assert typed.acked
    await world.told(world.ann, "own workspace")
    assert [(command.team, command.state) for command in world.commands()] == [("T0OTHER", "denied")]
    assert not world.platform.starts()
