"""The platform starts a session and says something odd of it: it runs, can be stopped, and nothing of it is wedged."""

from typing import Any

import pytest

from bot.sandbox.voximplant import Edit, Hang
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, World
from .test_history import OFTEN, look_ups

ODD: dict[str, dict[str, Any]] = {
    "a number of 65 bits": {"call_session_history_id": 2**63},
    "a number as text": {"call_session_history_id": "9000000001"},
    "no number": {"call_session_history_id": None},
    "a negative number": {"call_session_history_id": -1},
    "an empty error": {"error": None},
    "an error": {"error": {"code": 147, "msg": "No such rule.\ud800\0"}},
    "odd warnings": {"warnings": ["half a character: \ud800, none: \0", None, {"a": 1}, "x" * 5_000] * 30},
    "an odd result": {"result": [None], "count": 2**70},
}


async def test_whatever_a_start_is_answered_its_session_can_be_stopped(make_world: MakeWorld) -> None:
    """Where the answer names a URL the session runs and takes a stop, whatever stands beside the URL."""
    async with make_world(environ=OFTEN) as world:
        for number, (shape, odd) in enumerate(ODD.items(), 1):
            world.platform.faults.management("StartScenarios", Edit(lambda answer, odd=odd: answer | odd))
            await world.says(world.ann, f"start obedient {number}", expect=f"Started #{number}")
            session = world.session(number)
            assert (session.state, session.has_url) == (State.running, True), shape
            await world.says(world.bob, f"stop {number}", expect="Stop delivered")
            assert world.commands()[-2].state is CommandState.done, shape
        assert len(world.platform.deliveries) == len(ODD)
        assert not [each for each in world.platform.sessions.values() if each.running]


async def test_a_number_that_another_session_has_is_not_taken(world: World) -> None:
    """Two sessions cannot be one row of the history: the second keeps its URL, and its number is looked for."""
    await world.started()
    taken = world.session().history_id
    world.platform.faults.management("StartScenarios", Edit(lambda answer: answer | {"call_session_history_id": taken}))
    await world.says(world.bob, "start obedient 2", expect="Started #2")
    assert world.session(2).has_url
    assert world.session(2).history_id != taken


async def test_a_start_that_cannot_be_recorded_whole_runs_all_the_same(world: World) -> None:
    """The URL is on record before the rest; what cannot be recorded of that costs neither session nor outcome."""
    with world.refusing("history_id", "new.history_id is not null"):
        said = await world.says(world.ann, "start obedient", expect="Not all of this could be recorded. Reference")
    assert "Started #1" in "".join(each.text for each in world.ann.ephemerals(world.ops))
    (command,) = world.commands()
    assert command.state is CommandState.done
    reference = said.text.rpartition("Reference: ")[2].strip("`.")
    assert (command.outcome or "").startswith("Started #1")
    assert reference in (command.outcome or "")
    await world.says(world.bob, "stop 1", expect="Stop delivered to #1")
    await world.shows("ended")


@pytest.mark.parametrize("restart", [True, False], ids=["at the take-over", "while it runs"])
async def test_a_session_that_nobody_starts_any_more_is_looked_for(make_world: MakeWorld, restart: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A record that says *starting* after its command is over becomes *unknown*, and is found in the history."""
    async with make_world(environ=OFTEN) as world:
        await world.started()
        if restart:
            await world.stop_bot()
        with world.database() as db:
            db.execute("update sessions set state = 'starting', secure_url = null, plain_url = null, history_id = null")
        if restart:
            await world.start_bot()
        reply = await world.replied("What came of its start was not recorded")
        assert f"<@{world.ann.id}>" in reply.text
        await world.shows("uncontrolled")
        became = [each.became for each in world.audit() if each.subject == "session"]
        assert became == ["starting", "running", "starting", "unknown", "uncontrolled"]
        assert len(world.platform.starts()) == 1


async def test_a_start_on_its_way_is_left_to_its_command(make_world: MakeWorld) -> None:
    """While the command of a start is at work its session stays in *starting*, however often the watch looks."""
    async with make_world(environ=OFTEN | {"VOXIMPLANT_START_TIMEOUT": "60"}) as world:
        await world.started("stuck", world.bob)
        world.platform.faults.management("StartScenarios", Hang())
        await world.ann.slash(world.ops, "start obedient")
        await world.shows("starting", 1)
        before = len(look_ups(world))
        await world.until(lambda: len(look_ups(world)) >= before + 2, "the watch to look")
        assert world.session(2).state is State.starting
        world.platform.faults.release()
        await world.shows("unknown", 1)


async def test_a_start_that_was_cut_off_after_its_url_was_received_is_done(world: World) -> None:
    """When the process ends between the URL's commit and the outcome's, the next one says that the session runs."""
    await world.started()
    await world.stop_bot()
    with world.database() as db:
        db.execute("update commands set state = 'calling', outcome = null, done_at = null, owner = 'run-gone'")
    await world.start_bot()
    reply = await world.replied("The session runs.")
    assert f"<@{world.ann.id}>" in reply.text
    assert world.commands()[0].state is CommandState.done
    await world.says(world.bob, "stop 1", expect="Stop delivered to #1")
