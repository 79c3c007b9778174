"""The one way in, where a conversation alone does not show what became of the records."""

import asyncio
from dataclasses import replace

import pytest

from bot.sandbox.slack import ActResult
from bot.sandbox.voximplant import Slow
from storage.command import CommandState
from tests.conversations.conftest import World
from tests.conversations.test_terminal import types


def rewritten(typed: ActResult, **fields: object) -> ActResult:
    """Alter the payload of something that was typed, under a trigger id of its own."""
    assert typed.envelope is not None
    payload = {**typed.envelope.payload, "trigger_id": f"{typed.trigger_id}.again", **fields}
    return replace(typed, envelope=replace(typed.envelope, payload=payload))


async def test_every_command_ends_in_one_outcome(world: World) -> None:
    """Whatever is typed, its row ends in one final state, and the audit tells each step once."""
    for text, expect in (
        ("start obedient", "Started #1"),
        ("start nowhere", "No rule"),
        ('send 1 {"say": "hello"}', "Delivered"),
        ("send 1 {broken", "Nothing was sent"),
        ("stop 1", "Confirmed"),
        ("status 99", "No session"),
        ("list", "No session"),
        ("rules", "obedient"),
        ("nonsense", "nonsense"),
    ):
        await world.says(world.ann, text, expect=expect)
    states = [(command.verb, command.state) for command in world.commands()]
    assert states == [
        ("start", CommandState.done),
        ("start", CommandState.refused),
        ("send", CommandState.done),
        ("send", CommandState.refused),
        ("stop", CommandState.done),
        ("status", CommandState.refused),
        ("list", CommandState.done),
        ("rules", CommandState.done),
        ("unknown", CommandState.refused),
    ]
    for command in world.commands():
        lines = [line for line in world.audit() if line.command == command.id]
        assert lines[-1].became == command.state
        assert len({line.became for line in lines}) == len(lines)
        assert command.outcome
    assert {each.outcome for each in world.commands() if each.verb in {"list", "rules"}} == {"Shown."}


async def test_the_same_key_twice_at_once_is_one_command(world: World) -> None:
    """Two deliveries of one command make one row, one session and two acks, at the same moment too; one answer."""
    first = await world.ann.slash(world.ops, "list")
    start = rewritten(first, text="start obedient")
    acks = await asyncio.gather(world.ann.redeliver(start), world.ann.redeliver(start))
    assert all(typed.acked for typed in acks)
    await world.shows("running")
    assert len(world.platform.starts()) == 1
    assert [command.verb for command in world.commands()] == ["list", "start"]
    odd = rewritten(first, text="nonsense", trigger_id="odd.1")
    for _ in range(2):
        assert (await world.ann.redeliver(odd)).acked
    await world.says(world.ann, "list", expect="1 session is open")
    assert ["nonsense" in each.text for each in world.ann.ephemerals(world.ops)].count(True) == 1


async def test_half_a_character_stops_no_stop(world: World) -> None:
    """Half a surrogate pair, as a broken client sends it, neither hides the error nor holds up a stop."""
    await world.started()
    typed = await world.ann.slash(world.ops, "list")
    await world.ann.redeliver(rewritten(typed, text="stop 1 broken \ud83d", trigger_id="half.1"))
    await world.told(world.ann, "Confirmed: #1")
    odd = await world.ann.redeliver(rewritten(typed, text="st\ud83dp 1", trigger_id="half.2"))
    assert odd.acked
    assert [command.state for command in world.commands()][-2:] == [CommandState.done, CommandState.refused]


async def test_sends_of_one_session_go_in_order(world: World) -> None:
    """What is sent to one session arrives in the order in which it was typed, however the session was named."""
    await world.started()
    card, number = world.card(), world.session().history_id
    world.platform.faults.session(Slow(0.3))
    for place, name in enumerate(["1", f"h{number}", "#1", None, f"H{number}", "s1"]):
        data = f'{{"n": {place}}}'
        if name is None:
            typed = await world.ann.mention(world.ops, f"send {data}", thread=card)
        else:
            typed = await world.ann.slash(world.ops, f"send {name} {data}")
        assert typed.acked
        recorded = place + 2  # the start, too; Slack has its ack of a mention before it is read
        await world.until(lambda count=recorded: len(world.commands()) == count, "it to be read")  # type: ignore[misc]
    await world.until(lambda: len(world.platform.deliveries) == 6, "all to arrive")
    assert [each.body for each in world.platform.deliveries] == [f'{{"n": {n}}}'.encode() for n in range(6)]


async def test_a_send_from_the_terminal_waits_for_its_turn(world: World) -> None:
    """What was typed in Slack before arrives before what a terminal, another process, sends to the same session."""
    await world.started()
    world.platform.faults.session(Slow(0.3))
    await world.ann.slash(world.ops, 'send 1 {"n": 0}')
    await world.until(lambda: world.platform.deliveries, "the first to be on its way")
    await world.ann.slash(world.ops, 'send 1 {"n": 1}')
    await types(world, f'send h{world.session().history_id} {{"n": 2}}')
    assert [each.body for each in world.platform.deliveries] == [f'{{"n": {n}}}'.encode() for n in range(3)]


async def test_a_stop_passes_what_is_being_sent(world: World) -> None:
    """A stop does not wait for the sends before it."""
    await world.started()
    world.platform.faults.session(Slow(10))
    await world.ann.slash(world.ops, 'send 1 {"n": 1}')
    await world.until(lambda: len(world.platform.deliveries) == 1, "the send to be on its way")
    await world.ann.slash(world.ops, 'send 1 {"n": 2}')
    await world.says(world.bob, "stop 1", expect="Stop delivered")
    assert [each.body for each in world.platform.deliveries] == [b'{"n": 1}', b'{"command": "stop"}']
    world.platform.faults.release()


@pytest.mark.parametrize("text", ["start obedient", "send 1 {}"])
async def test_who_waits_is_told_so(world: World, text: str) -> None:
    """When the platform has not answered after two seconds the person is told once, and the result follows."""
    await world.started()
    world.platform.faults.management("StartScenarios", Slow(10))
    world.platform.faults.session(Slow(10))
    world.clock.jump(60)
    before = len(world.ann.ephemerals(world.ops))
    await world.says(world.ann, text, expect=f"Working on {text}: there is no answer yet.")
    world.platform.faults.release()
    await world.told(world.ann, "Delivered" if text.startswith("send") else "Started #2")
    told = world.ann.ephemerals(world.ops)[before:]
    assert ["Working" in each.text for each in told] == [True, False]
