"""The bound of the commands under way, and of the records that wait for the database."""

from bot.dispatch._dispatch import RECORDS_KEPT
from bot.sandbox.slack import Hang as SlackHangs
from bot.sandbox.voximplant import Hang
from tests.conversations.conftest import MakeWorld, World


async def test_beyond_the_bound_a_command_is_refused_in_a_sentence(make_world: MakeWorld) -> None:
    """With three commands under way a fourth is not done and says so, is in the audit, and a stop still goes out."""
    async with make_world(config="[limits]\ncommands_under_way = 3\n") as world:
        await world.started()
        world.platform.faults.management("StartScenarios", Hang(), times=3)
        for number in range(3):
            assert (await world.ann.slash(world.ops, f"start obedient ticket-{number}")).acked
        await world.says(world.bob, "list", expect="The bot has 3 commands under way, so this was not done.")
        await world.says(world.bob, "stop 1", expect="Confirmed: #1")
        assert [each.state for each in world.commands() if each.verb == "list"] == ["refused"]
        assert any("3 commands under way" in (each.words or "") for each in world.audit())


async def test_beyond_twice_the_bound_a_stop_is_refused_too(make_world: MakeWorld) -> None:
    """With twice as many commands as may be under way a stop says that it was not sent, and none is sent."""
    async with make_world(config="[limits]\ncommands_under_way = 1\n") as world:
        await world.started()
        await world.started("obedient ticket-2")
        world.platform.faults.management("StartScenarios", Hang())
        world.platform.faults.session(Hang(), times=3)
        assert (await world.ann.slash(world.ops, "start obedient ticket-3")).acked
        assert (await world.ann.slash(world.ops, "stop 1")).acked
        await world.says(world.bob, "stop 2", expect="more than it can hold, so this stop was not sent")
        await world.shows("running", 1)
        assert [each.state for each in world.commands() if each.actor == world.bob.id] == ["refused"]


async def test_beyond_the_bound_of_answers_a_command_is_refused_in_its_ack(make_world: MakeWorld) -> None:
    """While Slack takes no answers, commands beyond the bound are refused where it still takes words; stops go out."""
    async with make_world(config="[limits]\ncommands_under_way = 2\n") as world:
        await world.started()
        assert world.bot is not None
        tasks = world.bot._tasks
        await world.until(lambda: not tasks.responding, "the answers before to be taken")
        world.slack.faults.stand("response_url", SlackHangs())
        for text in ("list", "rules"):
            assert (await world.ann.slash(world.ops, text)).ack is None
        await world.until(lambda: tasks.responding == 2, "both answers to be on their way")
        refused = await world.bob.slash(world.ops, "list")
        assert refused.ack is not None
        assert "2 answers of the bot wait for Slack to take them, so this was not done." in refused.ack["text"]
        assert (await world.bob.slash(world.ops, "stop 1")).acked
        await world.until(lambda: world.platform.deliveries, "the stop to go out")
        assert [each.state for each in world.commands() if each.actor == world.bob.id][:1] == ["refused"]


async def test_stops_are_refused_once_too_many_records_wait(world: World) -> None:
    """With as many records in memory as are kept, a stop says that it was not sent, and nothing more is kept."""
    await world.started()
    assert world.bot is not None
    parts = world.bot._readiness.parts
    assert parts is not None
    waiting = parts.services.write_behind
    with world.locked():
        for _ in range(RECORDS_KEPT):
            waiting.keep(lambda _db: None, "a record")
        await world.says(world.ann, "stop 1", expect="10,000 records wait for it in memory, so this stop was not sent")
        assert waiting.size == RECORDS_KEPT
    assert not world.platform.deliveries
