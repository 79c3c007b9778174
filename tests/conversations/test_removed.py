"""The bot is removed from a channel while a session of it runs: people are told, and a stop still works."""

from bot.sandbox.slack import Message, Person
from bot.sandbox.slack._faults import Error
from storage.records import State

from .conftest import MakeWorld, World


def direct(person: Person) -> list[Message]:
    """Return what the bot wrote to a person directly."""
    return [each for each in person.dm.messages if each.user != person.id]


def gathered(person: Person) -> list[Message]:
    """Return the messages for many alarms that the bot wrote to a person directly."""
    return [each for each in direct(person) if "for somebody in this channel" in each.text]


async def removed(world: World) -> None:
    """Remove the bot from the channel, as anybody can with /remove."""
    world.ops.bot_in = False


async def test_a_stop_works_and_its_outcome_comes_by_direct_message(world: World) -> None:
    """Starter and stopper each get one direct message, which goes on to say whether it ended."""
    await world.started("obedient")
    await removed(world)
    await world.says(world.bob, "stop 1 enough", expect="#1 obedient ended")
    assert world.session().state is State.ended
    for person in (world.ann, world.bob):
        (told,) = await world.slack.until(lambda who=person: direct(who), f"a direct message to {person.name}")
        assert f"in <#{world.ops.id}>" in told.text
        assert "enough" in told.text
        await world.slack.until(lambda shown=told: "Confirmed: #1 obedient ended" in shown.text, "the verdict")
        assert len(direct(person)) == 1


async def test_an_end_that_nobody_asked_for_reaches_the_starter(world: World) -> None:
    """An abnormal end is told in a reply: where the channel takes none, the starter gets it directly."""
    await world.started("crash")
    await removed(world)
    await world.says(world.bob, 'send 1 {"now": 1}', expect="#1 crash")
    told = await world.slack.until(
        lambda: next((each for each in direct(world.ann) if "without being asked to" in each.text), None),
        "a direct message about the end",
    )
    assert "crash" in told.text


async def test_an_archived_channels_outcomes_come_by_direct_message(world: World) -> None:
    """An archived channel takes nothing more: the outcome comes directly, and the session is stopped from elsewhere."""
    await world.started("obedient")
    world.ops.archived = True
    elsewhere = world.slack.channel("elsewhere")
    told = await world.says(world.bob, "stop 1", channel=elsewhere, expect="Stop #1?")
    await world.presses(world.bob, told, "Stop #1", channel=elsewhere, expect="#1 obedient ended")
    for person in (world.ann, world.bob):
        await world.slack.until(
            lambda who=person: any("Confirmed: #1 obedient ended" in each.text for each in direct(who)),
            f"the outcome to {person.name}",
        )
        assert len(direct(person)) == 1


async def test_who_is_invited_back_finds_the_thread_complete(world: World) -> None:
    """What went out directly still comes to its thread when the bot is in the channel again."""
    await world.started("obedient")
    await removed(world)
    await world.says(world.ann, "stop 1", expect="#1 obedient ended")
    await world.slack.until(lambda: direct(world.ann), "the direct message")
    world.ops.bot_in = True
    world.clock.jump(3_600)
    await world.replied("Confirmed: #1 obedient ended")
    assert len(direct(world.ann)) == 1


async def test_a_bulk_stops_summary_comes_to_whoever_confirmed_it(world: World) -> None:
    """The one summary of a bulk stop is a direct message to its actor where the channel takes none, kept up to date."""
    await world.started("obedient")
    await world.started("obedient", world.slack.person("carl"))
    await removed(world)
    told = await world.says(world.bob, "stop 1 2", expect="Stop 2 sessions?")
    await world.presses(world.bob, told, "Stop 2 sessions")
    summary = await world.slack.until(lambda: direct(world.bob), "the summary")
    await world.slack.until(lambda: "2 confirmed" in summary[0].text, "its last words")
    assert f"in <#{world.ops.id}>" in summary[0].text
    assert world.session(2).state is State.ended


async def test_a_session_that_has_no_card_any_more_is_told_to_its_starter(world: World) -> None:
    """Where a deleted card cannot be posted anew, its starter is told how to stop the session."""
    shown = await world.started("obedient")
    world.slack.faults.add("chat.postMessage", Error("restricted_action"))
    world.slack.workspace.remove_message(shown)
    await world.says(world.bob, "refresh 1")
    (told,) = await world.slack.until(lambda: direct(world.ann), "a direct message to the starter")
    assert "#1 obedient is running. It has no card there any more." in told.text
    assert "stop 1 work" in told.text


async def test_alarms_that_are_gathered_reach_every_starter(make_world: MakeWorld) -> None:
    """Where a channel takes nothing, the one message for many alarms goes to those whose sessions call for somebody."""
    async with make_world(config='[rules.stuck]\nid = 1002\nmax = "1h"\n') as world:
        carl = world.slack.person("carl")
        for number in range(1, 9):
            await world.started(f"stuck {number}", carl if number == 8 else world.ann)
        await removed(world)
        world.clock.jump(3_700)
        await world.says(world.bob, "refresh 1", expect="is running")
        for person, number in ((carl, 8), (world.ann, 7)):
            await world.slack.until(
                lambda who=person, n=number: [each for each in gathered(who) if f"#{n} stuck" in each.text],
                f"the alarm of #{number} to {person.name}",
            )
