"""The database cannot be written: nothing is done that cannot be recorded, except a stop; nothing is lost."""

import asyncio
import json

import aiohttp

from bot.sandbox.slack import RateLimited
from bot.sandbox.voximplant import Slow
from storage.records import CommandState, State

from .conftest import MakeWorld, World, locked


async def ready(world: World) -> tuple[int, str]:
    """Ask the bot whether it is ready."""
    assert world.bot is not None
    url = f"http://127.0.0.1:{world.bot.ops_port}/readyz"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.text()


async def test_nothing_is_started_that_cannot_be_recorded(world: World) -> None:
    """While the database is locked, a start is acked in time with the word that nothing was done, and nothing is."""
    with locked(world):
        typed = await world.ann.slash(world.ops, "start obedient")
        assert typed.acked
        assert typed.ack is not None
        assert "nothing was done" in typed.ack["text"]
        assert "locked" in typed.ack["text"]
        again = await world.ann.redeliver(typed)
        assert again.acked
    redelivered = await world.ann.redeliver(typed)
    assert redelivered.acked
    await world.says(world.ann, "list", expect="No session")
    assert not world.platform.starts()
    assert [command.verb for command in world.commands()] == ["list"]


async def test_a_stop_goes_out_all_the_same(world: World) -> None:
    """While the database is locked, a stop reaches its session once; record, thread and audit follow later."""
    await world.started()
    with locked(world):
        typed = await world.bob.slash(world.ops, "stop 1 it rings and rings")
        assert typed.acked
        assert typed.ack is not None
        assert "goes out all the same" in typed.ack["text"]
        assert (await world.bob.redeliver(typed)).acked
        await world.told(world.bob, "Stop delivered to #1")
        assert [json.loads(each.body) for each in world.platform.deliveries] == [{"command": "stop"}]
        assert world.session().stop_asked_at is None
    await world.told(world.bob, "Confirmed: #1")
    card = await world.shows("ended")
    assert f"<@{world.bob.id}>" in card.text
    assert "it rings and rings" in card.text
    await world.replied("HTTP 200")
    command = await world.until(
        lambda: next((each for each in world.commands() if each.verb == "stop" and each.state.is_final), None),
        "the stop to be recorded",
    )
    assert (command.state, command.actor, command.session) == (CommandState.done, world.bob.id, 1)
    became = [line.became for line in world.audit() if line.command == command.id]
    assert became == ["accepted", "calling", "done"]
    assert len(world.platform.deliveries) == 1


async def test_a_lock_that_is_soon_released_is_not_noticed(world: World) -> None:
    """A start that comes while another program writes goes its way when that is done."""
    with locked(world):
        typing = asyncio.create_task(world.ann.slash(world.ops, "start obedient"))
        await world.until(lambda: "/session start obedient" in world.slack.conversation(), "the command to be typed")
    typed = await typing
    assert typed.acked
    assert typed.ack is None
    await world.shows("running")


async def test_a_start_that_was_answered_is_not_lost(world: World) -> None:
    """A start whose answer comes while the database is locked is told, recorded later, and can then be stopped."""
    world.platform.faults.management("StartScenarios", Slow(0.2))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    with locked(world):
        await world.told(world.ann, "Started #1")
        assert world.session().state is State.starting
    await world.shows("running")
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    assert [command.state for command in world.commands()] == [CommandState.done, CommandState.done]


async def test_a_stop_kept_for_an_answer_is_brought_late(world: World) -> None:
    """A stop that waits for the URL is brought when the URL can be recorded at last."""
    world.platform.faults.management("StartScenarios", Slow(0.3))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    await world.says(world.bob, "stop 1", expect="Your stop is kept")
    with locked(world):
        await world.told(world.ann, "Started #1")
        assert not world.platform.deliveries
    await world.told(world.bob, "Confirmed: #1")
    assert len(world.platform.deliveries) == 1


async def test_a_start_that_cannot_say_calling_fails(world: World) -> None:
    """A start that was accepted, and then cannot record that it calls, does not call; its card says so, once."""
    world.slack.faults.add("chat.postMessage", RateLimited(1))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: [each.method for each in world.slack.calls].count("chat.postMessage") == 1, "the card")
    with locked(world):
        await world.told(world.ann, "nothing was started")
    card = await world.shows("not started")
    assert "nothing was started" in card.text
    assert len([each for each in world.ops.messages if each.text.startswith("#1")]) == 1
    assert not world.platform.starts()
    assert world.session().state is State.failed


async def test_a_send_that_was_answered_is_recorded_late(world: World) -> None:
    """A send whose answer comes while the database is locked is told at once, and its reply follows."""
    await world.started()
    world.platform.faults.session(Slow(0.2))
    await world.ann.slash(world.ops, 'send 1 {"say": "hello"}')
    await world.until(lambda: len(world.platform.deliveries) == 1, "the send to be on its way")
    with locked(world):
        await world.told(world.ann, "Delivered to #1")
        assert not world.replies()
    await world.replied("HTTP 200")
    assert len(world.platform.deliveries) == 1


async def test_readiness_tells_what_the_database_does(world: World) -> None:
    """The bot is not ready while its database is locked or read-only, and says why; after that it is again."""
    assert (await ready(world))[0] == 200
    with locked(world):
        status, text = await ready(world)
        assert status == 503
        assert "slack: ok" in text
    assert (await ready(world))[0] == 200
    assert world.bot is not None
    await world.bot._store.write(lambda db: db.execute("pragma query_only = on"))
    status, text = await ready(world)
    assert status == 503
    assert "readonly" in text
    typed = await world.ann.slash(world.ops, "start obedient")
    assert typed.ack is not None
    assert "readonly" in typed.ack["text"]


async def test_the_unforeseen_is_a_reference_and_a_line(world: World) -> None:
    """An error that nobody foresaw gives the person a reference, which the audit has, too; others are not harmed."""
    await world.started()
    await world.started("stuck")
    with world.database() as db:
        db.execute("update sessions set created_at = 'no time' where id = 1")
    told = await world.says(world.ann, "status 1", expect="Reference")
    reference = told.text.rpartition("Reference: ")[2].strip("`.")
    assert any(reference in (line.words or "") for line in world.audit())
    await world.says(world.ann, "status 2", expect="#2")


async def test_what_is_counted_can_be_scraped(make_world: MakeWorld) -> None:
    """The metrics tell open sessions by state, lanes, messages that wait, and requests to the platform."""
    async with make_world() as world:
        await world.started()
        await world.says(world.ann, "send 1 {}", expect="Delivered")
        assert world.bot is not None
        url = f"http://127.0.0.1:{world.bot.ops_port}/metrics"
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            lines = (await answer.text()).splitlines()
        for line in (
            'session_bot_open_sessions{state="running"} 1.0',
            'session_bot_open_sessions{state="unknown"} 0.0',
            'session_bot_lane_in_flight{lane="stop"} 0.0',
            'session_bot_lane_waiting{lane="platform"} 0.0',
            'session_bot_commands_total{state="done",verb="start"} 1.0',
            'session_bot_platform_requests_total{method="StartScenarios",outcome="ok"} 1.0',
            'session_bot_platform_requests_total{method="send",outcome="ok"} 1.0',
            'session_bot_platform_seconds_count{method="send"} 1.0',
        ):
            assert line in lines, line
        assert any(line.startswith("session_bot_messages_waiting ") for line in lines)
