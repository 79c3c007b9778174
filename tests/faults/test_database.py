"""The database cannot be written: nothing is done that cannot be recorded, except a stop; nothing is lost."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import aiohttp
import pytest

from bot.cli.terminal._execution import execute, open_terminal
from bot.config._loading import load_settings
from bot.sandbox.slack import Message, RateLimited
from bot.sandbox.slack._act_result import ActResult
from bot.sandbox.voximplant import Slow, Status
from storage import Connection, audit
from storage.command import CommandState
from storage.errors import StorageUnavailable
from storage.probing import probe
from storage.records import State
from tests.conversations.test_terminal import as_typed

from .conftest import LOCKED, READ_ONLY, MakeWorld, World, read_only


async def ready(world: World) -> tuple[int, str]:
    """Ask the bot whether it is ready."""
    assert world.bot is not None
    url = f"http://127.0.0.1:{world.bot.ops_port}/readyz"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return answer.status, await answer.text()


@pytest.mark.engines
async def test_nothing_is_started_that_cannot_be_recorded(make_world: MakeWorld, engine: str) -> None:
    """While the database is locked, a start is acked in time with the word that nothing was done, and nothing is."""
    async with make_world(ack_seconds=3) as world:
        with world.locked():
            typed = await world.ann.slash(world.ops, "start obedient")
            assert typed.acked
            assert typed.ack is not None
            assert "nothing was done" in typed.ack["text"]
            assert LOCKED[engine] in typed.ack["text"]
            again = await world.ann.redeliver(typed)
            assert again.acked
        redelivered = await world.ann.redeliver(typed)
        assert redelivered.acked
        await world.says(world.ann, "list", expect="No session")
        assert not world.platform.starts()
        await world.until(
            lambda: len(world.commands()) > 1 and all(each.state.is_final for each in world.commands()),
            "the refusal to be recorded, and the list's outcome",
        )
        assert sorted((command.verb, command.state) for command in world.commands()) == [
            ("list", CommandState.done),
            ("start", CommandState.refused),
        ]


@contextlib.asynccontextmanager
async def held(world: World) -> AsyncIterator[None]:
    """Lock the database, as another program would."""
    with world.locked():
        yield


@contextlib.asynccontextmanager
async def full(world: World) -> AsyncIterator[None]:
    """Keep a file from growing, as on a disk without room; the disk of a server is its own, and it refuses all."""
    assert world.bot is not None
    if world.server is not None:
        async with read_only(world):
            yield
        return
    pages = await world.bot._store.write(lambda db: db.execute("pragma max_page_count").fetchone()[0])
    await world.bot._store.write(lambda db: db.execute("pragma max_page_count = 1"))
    with contextlib.suppress(StorageUnavailable):
        while True:
            await world.bot._store.write(fill)
    yield
    await world.bot._store.write(lambda db: db.execute(f"pragma max_page_count = {pages}"))


def fill(db: Connection) -> None:
    """Use up what room the pages of commands and audit still have."""
    audit.note(db, team="", channel="", actor="", became="full", words="x" * 100, now=datetime.now(UTC))


@pytest.mark.parametrize("unwritable", [held, full])
async def test_what_was_refused_gets_its_line_later(
    world: World, unwritable: Callable[[World], contextlib.AbstractAsyncContextManager[None]]
) -> None:
    """Whatever could not be recorded, and so was not done, stands in the audit when the database can be written."""
    await world.started()
    async with unwritable(world):
        for text in ("start obedient", 'send 1 {"a": 1}', "help", "list", "strat", "close 1"):
            typed = await world.ann.slash(world.ops, text)
            assert typed.ack is not None
            assert "nothing was done" in typed.ack["text"]
            assert (await world.ann.redeliver(typed)).acked
        assert len(world.commands()) == 1
    await world.until(lambda: len(world.commands()) == 7, "all refusals to be recorded")
    refused = [line for line in world.audit() if line.became == "refused"]
    assert [line.verb for line in refused] == ["start", "send", "help", "list", "unknown", "close"]
    assert {line.actor for line in refused} == {world.ann.id}
    assert all("cannot be written right now" in str(line.words) for line in refused)
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
    assert len(world.platform.deliveries) == 1
    assert len(world.platform.starts()) == 1


WAYS_IN: dict[str, Callable[[World, Message], Awaitable[ActResult]]] = {
    "slash": lambda world, _: world.ann.slash(world.ops, "status 1"),
    "mention": lambda world, _: world.ann.mention(world.ops, "status 1"),
    "mention in a thread": lambda world, card: world.ann.mention(world.ops, "status", thread=card),
    "button": lambda world, card: world.ann.click(card, "Stop"),
}


@pytest.mark.parametrize("way", WAYS_IN)
async def test_no_ack_leaves_before_the_record(world: World, way: str) -> None:
    """While the record waits, so does the ack: Slack brings again what a kill took with it."""
    card = await world.started()
    with world.locked():
        typing = asyncio.ensure_future(WAYS_IN[way](world, card))
        acked, _ = await asyncio.wait({typing}, timeout=0.3)  # shorter than a commit waits for the lock
    assert not acked
    assert (await typing).acked
    await world.until(lambda: len(world.commands()) > 1, "the record")


async def test_refusals_leave_room_for_stops(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """When a thousand records wait, a refusal is in the log only; a stop is recorded all the same."""
    await world.started()
    patient = {**world.environ, "SESSION_BOT_CONFIRM_SECONDS": "3600"}  # its clock runs on while a thousand are written
    async with open_terminal(load_settings(patient, world.folder), world.clock) as context:
        with world.locked():
            for _ in range(1_000):
                context.services.write_behind.keep(probe, "one of many")
            listed = await execute(as_typed("list channel=all"), context, lambda _: None, lambda _: False)
            assert "nothing was done" in listed.responses[0].text
            stopping = asyncio.create_task(execute(as_typed("stop 1"), context, lambda _: None, lambda _: False))
            await world.until(lambda: world.platform.deliveries, "the stop to go out")
        assert "Confirmed: #1" in (await stopping).responses[-1].text
        await world.until(lambda: world.commands()[-1].state is CommandState.done, "the stop to be recorded")
    assert [command.verb for command in world.commands()] == ["start", "stop"]
    assert "a command could not be recorded: list by cli:" in caplog.text


async def test_a_form_that_was_refused_is_submitted_again(world: World) -> None:
    """A form stays open while the database is locked: the refusal has its line, and the next try is carried out."""
    await world.started()
    assert (await world.ann.slash(world.ops, "send 1")).acked
    ready_to_use = lambda: [each for each in world.ann.modals if "obedient" in each.plain()]  # noqa: E731 - asked again
    (editor,) = await world.slack.until(ready_to_use, "the editor, which comes empty first")
    with world.locked():
        await world.ann.submit(editor, {"JSON": '{"a": 1}'})
        await world.slack.until(lambda: "nothing was done" in str(editor.errors), "the refusal")
    assert editor in world.ann.modals
    await world.until(lambda: world.commands()[-1].state is CommandState.refused, "the refusal to be recorded")
    await world.ann.submit(editor, {"JSON": '{"a": 1}'})
    await world.told(world.ann, "Delivered to #1")
    assert [(each.via, each.state) for each in world.commands()[2:]] == [("modal", "refused"), ("modal", "done")]
    assert len(world.platform.deliveries) == 1


@pytest.mark.engines
async def test_a_stop_goes_out_all_the_same(world: World) -> None:
    """While the database is locked, a stop reaches its session once; record, thread and audit follow later."""
    await world.started()
    with world.locked():
        typed = await world.bob.slash(world.ops, "stop 1 it rings and rings")
        assert typed.acked
        assert typed.ack is not None
        assert "is being tried all the same" in typed.ack["text"]
        assert (await world.bob.redeliver(typed)).acked
        await world.told(world.bob, "Stop delivered to #1")
        assert [json.loads(each.body) for each in world.platform.deliveries] == [{"command": "stop"}]
        assert world.session().stop is None
    await world.told(world.bob, "Confirmed: #1")
    card = await world.shows("ended")
    assert "Stop asked for by bob" in card.text
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
    with world.locked():
        typing = asyncio.create_task(world.ann.slash(world.ops, "start obedient"))
        await world.until(lambda: "/session start obedient" in world.slack.conversation(), "the command to be typed")
    typed = await typing
    assert typed.acked
    assert typed.ack is None
    await world.shows("running")


async def test_a_start_that_was_answered_is_not_lost(world: World) -> None:
    """A start whose answer comes while the database is locked is told, recorded later, and can then be stopped."""
    world.platform.faults.management("StartScenarios", Slow(10))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    with world.locked():
        world.platform.faults.release()
        await world.told(world.ann, "Started #1")
        assert world.session().state is State.starting
    await world.shows("running")
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    assert [command.state for command in world.commands()] == [CommandState.done, CommandState.done]


@pytest.mark.parametrize("asked", ["before", "meanwhile", "afterwards"])
async def test_a_stop_finds_a_url_that_is_not_on_disk_yet(world: World, asked: str) -> None:
    """While the database is locked a stop goes to the URL that was received meanwhile, whenever it was typed; once."""
    world.platform.faults.management("StartScenarios", Slow(10))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: len(world.platform.starts()) == 1, "the start to be on its way")
    if asked == "before":
        await world.says(world.bob, "stop 1", expect="Your stop is kept")
    with world.locked():
        if asked == "meanwhile":
            await world.bob.slash(world.ops, "stop 1")
            await world.told(world.bob, "Your stop is kept")
        world.platform.faults.release()
        if asked == "afterwards":
            await world.told(world.ann, "Started #1")
            await world.bob.slash(world.ops, "stop 1")
            await world.told(world.bob, "Stop delivered to #1")
        await world.until(lambda: len(world.platform.deliveries) == 1, "the stop to arrive")
        assert world.session().state is State.starting
    await world.told(world.bob, "Confirmed: #1")
    await world.replied("HTTP 200")
    assert [command.state for command in world.commands()] == [CommandState.done, CommandState.done]
    assert len(world.platform.deliveries) == 1


async def test_a_start_that_cannot_say_calling_fails(world: World) -> None:
    """A start that was accepted, and then cannot record that it calls, does not call; its card says so, once."""
    world.slack.faults.add("chat.postMessage", RateLimited(1))
    await world.ann.slash(world.ops, "start obedient")
    await world.until(lambda: [each.method for each in world.slack.calls].count("chat.postMessage") == 1, "the card")
    with world.locked():
        await world.told(world.ann, "nothing was started")
    card = await world.shows("not started")
    assert "nothing was started" in card.text
    assert len([each for each in world.ops.messages if "#1 " in each.text]) == 1
    assert not world.platform.starts()
    assert world.session().state is State.failed


async def test_a_send_that_was_answered_is_recorded_late(world: World) -> None:
    """A send whose answer comes while the database is locked is told at once, and its reply follows."""
    await world.started()
    world.platform.faults.session(Slow(10))
    await world.ann.slash(world.ops, 'send 1 {"say": "hello"}')
    await world.until(lambda: len(world.platform.deliveries) == 1, "the send to be on its way")
    with world.locked():
        world.platform.faults.release()
        await world.told(world.ann, "Delivered to #1")
        assert not world.replies()
    await world.replied("HTTP 200")
    assert len(world.platform.deliveries) == 1


@pytest.mark.engines
async def test_readiness_tells_what_the_database_does(world: World, engine: str) -> None:
    """The bot is not ready while its database is locked or read-only, and says why; after that it is again."""
    assert (await ready(world))[0] == 200
    with world.locked():
        status, text = await ready(world)
        assert status == 503
        assert "slack: ok" in text
    assert (await ready(world))[0] == 200
    async with read_only(world):
        status, text = await ready(world)
        assert status == 503
        assert READ_ONLY[engine] in text
        typed = await world.ann.slash(world.ops, "start obedient")
        assert typed.ack is not None
        assert READ_ONLY[engine] in typed.ack["text"]


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
        lines = await scraped(world)
        for line in (
            "session_bot_history_age_seconds NaN",
            "session_bot_slack_connected 1.0",
            'session_bot_announced_rows{kind="believed"} 0.0',
            "session_bot_sessions_heard 0.0",
        ):
            assert line in lines, line
        assert "session_bot_directory_round_seconds NaN" not in lines
        await world.started()
        await world.says(world.ann, "send 1 {}", expect="Delivered")
        await world.says(world.ann, "stop all", expect="Nothing was stopped yet")
        lines = await scraped(world)
        for line in (
            'session_bot_open_sessions{state="running"} 1.0',
            'session_bot_open_sessions{state="unknown"} 0.0',
            'session_bot_lane_in_flight{lane="stop"} 0.0',
            'session_bot_lane_waiting{lane="platform"} 0.0',
            'session_bot_commands_total{state="done",verb="start"} 1.0',
            'session_bot_platform_requests_total{method="StartScenarios",outcome="ok"} 1.0',
            'session_bot_platform_requests_total{method="send",outcome="ok"} 1.0',
            'session_bot_platform_seconds_count{method="send"} 1.0',
            'session_bot_commands_total{state="asked",verb="stop"} 1.0',
            'session_bot_slack_requests_total{method="conversations.info",outcome="ok"} 1.0',
            "session_bot_platform_reachable 1.0",
            "session_bot_stops_unconfirmed 0.0",
            "session_bot_sessions_over_limit 0.0",
        ):
            assert line in lines, line
        assert any(line.startswith('session_bot_info{version="') for line in lines)
        assert any(line.startswith("session_bot_messages_waiting ") for line in lines)


async def scraped(world: World) -> list[str]:
    """Read the lines of the metrics."""
    assert world.bot is not None
    url = f"http://127.0.0.1:{world.bot.ops_port}/metrics"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        return (await answer.text()).splitlines()


async def test_what_needs_somebody_is_counted(make_world: MakeWorld) -> None:
    """A stop that is not confirmed, a session over its limit, and the age of the last reading are figures."""
    config = '[rules.stuck]\nid = 1002\nmax = "30m"\n'
    async with make_world(config=config, environ={"SESSION_BOT_CONFIRM_SECONDS": "5"}) as world:
        await world.started("stuck")
        world.clock.jump(1_900)
        await world.replied("not confirmed")
        lines = await scraped(world)
        assert "session_bot_stops_unconfirmed 1.0" in lines
        assert "session_bot_sessions_over_limit 1.0" in lines
        (age,) = (float(line.split()[1]) for line in lines if line.startswith("session_bot_history_age_seconds "))
        assert age < 1_000
        world.platform.faults.management("GetCallHistory", Status(500), times=50)
        await world.says(world.ann, "refresh 1")
        await world.until(lambda: world.session().history_says == "silent", "the history not to answer")
        assert "session_bot_platform_reachable 0.0" in await scraped(world)
