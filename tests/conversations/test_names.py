"""A post names the person who acted, and notifies only people who are needed; a repeated press is answered once."""

import re
from dataclasses import replace

from bot.sandbox.slack import Message
from bot.sandbox.voximplant._faults import Status
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

MENTION = re.compile(r"<[@!][^d]")


def posted(world: World) -> list[Message]:
    """Return everything that stands in the channel and under its cards."""
    return [*world.ops.messages, *(each for number in range(len(world._cards(None))) for each in world.replies(number))]


async def test_what_somebody_did_is_reported_without_a_mention(world: World) -> None:
    """Start, send, stop and close are told by name, in the card and its thread, and mention nobody."""
    card = await world.started("stuck")
    assert "started by ann" in str(card.blocks)  # in the dialog of Stop
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
    await world.replied("ann sent:")
    await world.says(world.bob, "stop 1 it hangs", expect="Stop delivered")
    card = await world.shows("Stop asked for by bob")
    assert "Started by ann" in card.text
    await world.replied("Stop by bob: it hangs")
    await world.started("obedient")
    preview = await world.says(world.bob, "stop 1 2", expect="Stop 2 sessions?")
    await world.presses(world.bob, preview, "Stop 2 sessions", expect="were asked to stop")
    await world.slack.until(lambda: [each for each in world.ops.messages if "sessions by bob" in each.text], "it")
    for message in posted(world):
        assert not MENTION.search(message.text), message.text
        assert not MENTION.search(str(message.blocks)), message.blocks


async def test_a_failure_calls_its_person(world: World) -> None:
    """What was sent and may not have arrived calls who sent it; what is told to one person mentions people as ever."""
    await world.started("stuck")
    world.platform.faults.session(Status(500))
    await world.says(world.ann, 'send 1 {"a": 1}', expect="erhaps delivered")
    assert f"<@{world.ann.id}> sent:" in (await world.replied("Perhaps delivered")).text
    assert f"by <@{world.ann.id}>" in (await world.says(world.bob, "list", expect="1 session is open")).text


async def test_a_name_is_shown_as_it_is(world: World) -> None:
    """A name with marks or a mention in it has no effect, and one that is long is cut; a new one is shown at once."""
    await world.started("stuck")
    users = world.slack.workspace.users
    users[world.ann.id] = replace(users[world.ann.id], name="<!here> *a*")
    world.clock.jump(400)
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
    reply = await world.replied("sent:")
    assert "&lt;!here&gt; \u2217a\u2217 sent:" in reply.text
    assert "Started by &lt;!here&gt;" in (await world.shows("Last: &lt;!here&gt;")).text


async def test_a_restart_remembers_names(world: World) -> None:
    """A card that is painted anew after a restart names who started it, though Slack is asked about nobody."""
    await world.started("obedient")
    await world.stop_bot()
    await world.start_bot()
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    assert "Started by ann" in (await world.shows("ended")).text


async def test_again_typed_and_pressed_is_one_intent(make_world: MakeWorld) -> None:
    """`again`, typed by one and pressed by the same or another, starts one session, and says whose it is."""
    async with make_world(clock=QuickClock(times=1)) as world:
        await world.started("obedient")
        world.platform.sessions[world.session().history_id or 0].end()
        await world.says(world.ann, "refresh 1", expect="#1 obedient")
        card = await world.shows("ended")
        card = await world.slack.until(
            lambda: card if [each.label for each in card.buttons()] == ["Start again"] else None,
            "the end to be settled",
        )
        await world.says(world.ann, "again 1", expect="Started #2")
        told = await world.presses(world.ann, card, "Start again", expect="Already started #2")
        assert [each.label for each in told.buttons()] == ["Start another"]
        told = await world.presses(world.bob, card, "Start again", expect="Already started #2")
        assert f"by <@{world.ann.id}>" in told.text
        assert len(world.platform.starts()) == 2
        await world.presses(world.bob, told, "Start another", expect="Started #3")


async def test_a_stop_pressed_again_and_again_is_told_once(make_world: MakeWorld) -> None:
    """Five presses of one person are the answer, one word that nothing more was sent, and one verdict."""
    async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "20"}, clock=QuickClock(times=5)) as world:
        await world.started("stuck")
        await world.says(world.bob, "stop 1", expect="Stop delivered")
        card = await world.shows("stopping")
        for _ in range(5):
            assert (await world.bob.slash(world.ops, "stop 1")).acked
        await world.told(world.bob, "Nothing more was sent.")
        await world.until(lambda: [each.state for each in world.commands()].count("done") == 7, "all to be answered")
        await world.told(world.bob, "Not confirmed")
        await world.replied("Stop not confirmed")
        assert card.text
        lines = [each.text for each in world.bob.ephemerals(world.ops)]
        assert len([each for each in lines if "Nothing more was sent." in each]) == 1
        assert len([each for each in lines if each.startswith("Not confirmed")]) == 1
        assert len(world.platform.deliveries) == 1
        await world.says(world.ann, "stop 1", expect="Stop delivered")  # somebody else is told, too


async def test_status_calls_nothing_done_that_did_nothing(world: World) -> None:
    """A stop of what had ended, one beside another's, and an editor that was opened are not listed as done."""
    await world.started("slow-stop")
    await world.ann.slash(world.ops, "send 1")
    await world.slack.until(lambda: world.ann.modals, "the editor")
    await world.says(world.ann, "stop 1", expect="Stop delivered")
    await world.says(world.bob, "stop 1", expect="Nothing more was sent")
    await world.told(world.ann, "Confirmed: #1")
    await world.says(world.bob, "stop 1", expect="has ended already")
    told = await world.says(world.bob, "status 1", expect="Commands, newest first")
    came = [line.rpartition(": ")[2].partition(",")[0] for line in told.text.splitlines() if line.startswith("• ")]
    assert came == ["nothing was left to do", "nothing was left to do", "done", "the editor was opened", "done"]
