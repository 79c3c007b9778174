"""The process is killed in the window of a start, and the session announces itself: nobody has to help."""

import dataclasses

from bot.sandbox.voximplant import Account, Hang, default_account
from bot.scenario import KIT_NAME, kit_source_with
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, StartProcess

QUICK = {"ANNOUNCE_EVERY_SECONDS": "2", "ANNOUNCE_SPACING_SECONDS": "1"}


def with_kit() -> Account:
    """Set up an account whose rule `obedient` has the kit in front, which announces its sessions."""
    account = default_account()
    (rule,) = [each for each in account.rules if each.rule_name == "obedient"]
    kit = account.add_scenario(KIT_NAME, kit_source_with(QUICK, announce=True), rule.application)
    account.put_rule(dataclasses.replace(rule, scenario_ids=(kit.scenario_id, *rule.scenario_ids)))
    return account


async def test_a_start_that_a_kill_cut_off_runs_again(make_world: MakeWorld, start_process: StartProcess) -> None:
    """The session of a start without an answer gets its URL back from what it announces, and can be stopped."""
    environ = {"SESSION_BOT_DIRECTORY_SECONDS": "1"}
    async with make_world(account=with_kit(), environ=environ, start=False) as world:
        process = await start_process(world.environ)
        await world.slack.connected()
        world.platform.faults.management("StartScenarios", Hang(applied=True))
        await world.ann.slash(world.ops, "start obedient ticket-12")
        await world.until(world.platform.starts, "the call to have its effect")
        assert [each.state for each in world.commands() if each.verb == "start"] == [CommandState.calling]
        await process.kill()
        await world.start_bot()
        reply = await world.replied("announced")
        assert f"<@{world.ann.id}>" in reply.text
        session = world.session()
        (history_id,) = world.platform.sessions
        assert (session.state, session.history_id, session.has_url) == (State.running, history_id, True)
        assert len(world.platform.starts()) == 1
        await world.says(world.bob, "stop 1", expect="#1")
        await world.shows("ended")
        assert {each.session for each in world.commands()} == {1}
        await world.says(world.ann, "list state=any", expect="#1")
        assert len([each for each in world.ops.messages if each.thread_ts is None]) == 1
