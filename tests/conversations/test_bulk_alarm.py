"""A bulk stop that is settled and leaves something running calls people: an edit would notify nobody."""

import pytest

from bot.sandbox.slack import Message, Role

from .conftest import MakeWorld, World, is_card

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}
CONFIG = '[rules.stuck]\nid = 1002\nrunbook = "https://wiki.example.com/stuck"\nnotify = ["S0RESPOND"]\n'


async def alarm(world: World, word: str = "may still run") -> Message:
    """Wait for the message that calls people."""
    return await world.slack.until(
        lambda: next((each for each in alarms(world) if word in each.text), None), f"an alarm with {word!r}"
    )


def alarms(world: World) -> list[Message]:
    """Return what stands in the channel by itself and is neither a card nor a summary."""
    return [each for each in world.ops.messages if not is_card(each) and not each.text.startswith("Stop of ")]


async def stopped(world: World, text: str, count: int) -> None:
    """Stop several as bob, and wait until the whole is settled."""
    shown = await world.says(world.bob, text, expect=f"Stop {count} sessions?")
    await world.presses(world.bob, shown, f"Stop {count} sessions", expect="were asked to stop")
    await world.slack.until(lambda: any("It took" in each.text for each in world.ops.messages), "the summary's end")


async def test_what_may_still_run_calls_everybody_whom_it_concerns(make_world: MakeWorld) -> None:
    """One new message: how many of how many, who stopped, the starters, the rule's own people, links, the runbook."""
    async with make_world(environ=QUICK, config=CONFIG) as world:
        await world.started("stuck 1")
        await world.started("obedient 2", world.slack.person("carl"))
        await world.started("stuck 3", world.slack.person("dora"))
        await stopped(world, "stop all", 3)
        said = await alarm(world)
        assert said.thread_ts is None
        assert not said.edited_ts
        assert "2 of 3 sessions may still run" in said.text
        shown = "\n".join(each["text"]["text"] for each in said.blocks if each["type"] == "section")
        assert said.blocks[1]["type"] == "actions"
        for person in (world.bob, world.ann, world.slack.person("dora")):
            assert f"<@{person.id}>" in shown
        assert f"<@{world.slack.person('carl').id}>" not in shown
        assert "<!subteam^S0RESPOND>" in shown
        for number, card in ((1, world.card(0)), (3, world.card(2))):
            assert f"<{world.slack.workspace.permalink(card)}|#{number} stuck> (h42" in shown
        assert shown.count("https://wiki.example.com/stuck") == 2
        assert [f"· `{each}`:" in shown for each in (1, 2, 3)] == [True, False, True]
        assert "#2" not in shown
        assert [each.label for each in said.buttons()] == ["Stop these 2 again"]
        assert len(alarms(world)) == 1


async def test_the_button_stops_exactly_these_again(make_world: MakeWorld) -> None:
    """A press asks first and then is a bulk stop of what stands on the button, with a summary of its own."""
    async with make_world(environ=QUICK) as world:
        for number, rule in enumerate(["stuck", "obedient", "stuck", "stuck"]):
            await world.started(f"{rule} {number}")
        await stopped(world, "stop 1 2 3", 3)
        said = await alarm(world)
        sent = len(world.platform.deliveries)
        (button,) = said.buttons()
        assert button.confirm is not None
        assert "#1, #3" in button.confirm.text
        await world.presses(world.ann, said, "Stop these 2 again", expect="2 of 2 sessions were asked to stop")
        assert len(world.platform.deliveries) == sent + 2
        await world.slack.until(lambda: not said.buttons(), "the button to go while a newer stop is under way")
        again = await world.slack.until(lambda: alarms(world)[1:], "an alarm of the second stop")
        assert "All 2 sessions may still run" in again[0].text
        assert f"<@{world.ann.id}>" in again[0].text


async def test_the_alarm_is_over_when_all_have_ended(make_world: MakeWorld) -> None:
    """It follows what becomes of each, over a restart too, and is posted once; in the end it says that it is over."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck 1")
        await world.started("stuck 2")
        await stopped(world, "stop all", 2)
        await alarm(world)
        first, second = world.platform.sessions.values()
        first.end()
        said = await alarm(world, "1 of 2 sessions may still run")
        assert [each.label for each in said.buttons()] == ["Stop #2 again"]
        await world.stop_bot()
        second.end()
        await world.start_bot()
        await world.slack.until(lambda: said.text.startswith("Over: "), "it to be over")
        assert not said.buttons()
        assert alarms(world) == [said]


async def test_nobody_is_called_where_all_is_confirmed(make_world: MakeWorld) -> None:
    """A bulk stop that did what it should has its summary and nothing else."""
    async with make_world(environ=QUICK) as world:
        await world.started("obedient 1")
        await world.started("obedient 2")
        await stopped(world, "stop all", 2)
        await world.says(world.ann, "list", expect="No session is open")
        assert alarms(world) == []


@pytest.mark.parametrize("role", [Role.GUEST, Role.STRANGER])
async def test_the_button_is_authorised_like_any_command(make_world: MakeWorld, role: Role) -> None:
    """A person who may not stop sessions stops nothing with it."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck 1")
        await world.started("stuck 2")
        await stopped(world, "stop all", 2)
        said = await alarm(world)
        sent = len(world.platform.deliveries)
        outsider = world.slack.person("otto", role=role)
        world.ops.members.append(outsider.id)
        assert (await outsider.click(said, "Stop these 2 again")).acked
        await world.until(lambda: world.commands()[-1].actor == outsider.id, "the click to be recorded")
        await world.until(lambda: world.commands()[-1].state == "denied", "its outcome")
        assert len(world.platform.deliveries) == sent


async def test_a_private_channels_session_is_told_of_there(make_world: MakeWorld) -> None:
    """Nothing of it but the number of such sessions stands elsewhere; its own channel gets an alarm."""
    async with make_world(environ=QUICK) as world:
        hidden = world.slack.channel("hidden", private=True, members=[world.bob])
        await world.says(world.bob, "start stuck 1", channel=hidden, expect="Started #1")
        await world.shows("running", channel=hidden)
        await world.started("stuck 2", world.bob)
        await stopped(world, "stop all by=me channel=all", 2)
        said = await alarm(world)
        assert "All 2 sessions may still run" in said.text
        assert "#1" not in said.text
        assert "1 of a private channel" in said.text
        assert [each.label for each in said.buttons()] == ["Stop #2 again"]
        await world.replied("Stop not confirmed", channel=hidden)


async def test_where_the_channel_takes_nothing_everybody_it_calls_is_told(make_world: MakeWorld) -> None:
    """Out of the channel, the bot tells who pressed, the starters and the rule's own people what may still run."""
    config = CONFIG.replace("S0RESPOND", "U00000009")
    async with make_world(environ=QUICK, config=config) as world:
        await world.started("stuck 1")
        await world.started("stuck 2", world.slack.person("carl"))
        while (on_call := world.slack.person(f"dora{len(world.slack.workspace.users)}")).id != "U00000009":
            pass
        shown = await world.says(world.bob, "stop all", expect="Stop 2 sessions?")
        world.ops.bot_in = False
        await world.presses(world.bob, shown, "Stop 2 sessions", expect="were asked to stop")
        for person in (world.bob, world.ann, world.slack.person("carl"), on_call):
            await world.slack.until(
                lambda who=person: [each for each in who.dm.messages if "All 2 sessions may still run" in each.text],
                f"a direct message to {person.name}",
            )
