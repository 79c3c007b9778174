"""The machine's clock is set, forward or back, while the bot runs or is down: nothing stops, waits or is told for that.

Slack, the platform and time itself go on as before; only what the wall clock shows is another.
"""

import re
from collections.abc import Callable

import pytest

from bot.sandbox.voximplant._faults import Status
from tests.quick_clock import QuickClock

from .conftest import BOTH_MODES, MakeWorld, World

TWO_HOURS_S = 7_200.0
SET = pytest.mark.parametrize("seconds", [-TWO_HOURS_S, TWO_HOURS_S], ids=["back", "forward"])
QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}
CONFIG = '[rules.slow]\nid = 1002\nmax = "1h"\nexpect = "50m"\n'


async def restart(world: World, seconds: float) -> None:
    """Set the clock while the bot is down; who comes up then has not seen it."""
    await world.stop_bot()
    world.clock.set_wall(seconds)
    world.clock.forget()
    await world.start_bot()


async def while_it_runs(world: World, seconds: float) -> None:
    """Set the clock under the running bot."""
    world.clock.set_wall(seconds)


HOW = pytest.mark.parametrize("happens", [while_it_runs, restart])


@SET
@HOW
async def test_an_end_is_noticed_all_the_same(
    world: World, happens: Callable[[World, float], object], seconds: float
) -> None:
    """The history is asked in the same rhythm as before, also by a process for which all that is stored is to come."""
    await world.started()
    await happens(world, seconds)  # type: ignore[misc]
    next(iter(world.platform.sessions.values())).end("Normal termination")
    await world.shows("ended")


@SET
@HOW
async def test_a_stop_is_called_unconfirmed_by_what_was_read_after_it(
    make_world: MakeWorld, happens: Callable[[World, float], object], seconds: float
) -> None:
    """The alarm comes, and the history is quoted from a reading that was made after the stop."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.bob, "stop 1", expect="Stop delivered")
        await happens(world, seconds)  # type: ignore[misc]
        reply = await world.replied("Stop not confirmed")
        assert "The history says that it still runs." in reply.text


async def test_a_reading_from_before_the_stop_is_not_quoted(make_world: MakeWorld) -> None:
    """A history that said "runs", before the clock was set back and the stop sent, has said nothing about the stop."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.until(lambda: world.session().history_says == "runs", "a reading")
        world.platform.faults.management("GetCallHistory", Status(502, "<html>"), times=500)
        world.clock.set_wall(-TWO_HOURS_S)
        await world.says(world.bob, "stop 1", expect="Not confirmed: #1 stuck may still run. The history could not")
        assert "still runs" not in world.slack.conversation()


async def test_a_clock_set_forward_stops_nothing(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """What is over its limit by the wall clock alone goes on; a person is told, once, and may stop it."""
    async with make_world(config=CONFIG) as world:
        await world.started("slow")
        await world.started("obedient --max 90m")
        world.clock.set_wall(TWO_HOURS_S)
        reply = await world.replied("Perhaps over its limit")
        assert reply.broadcast
        for part in (f"<@{world.ann.id}>", "By one clock it is over its limit of 1 h", "/session stop 1 asks it"):
            assert part in reply.text, part
        await world.replied("By one clock it is over its limit of 1 h 30 min", 1)
        await world.shows("By one clock it is over its limit")
        assert "this machine's clock was set forward by 7200 s" in caplog.text
        assert "#1 is over its limit by one clock and not by another" in caplog.text
        assert not world.platform.deliveries
        await restart(world, 0)
        await world.says(world.ann, "status 1", expect="#1 stuck")
        assert len([each for each in world.replies() if "Perhaps" in each.text]) == 1
        assert not [each for each in world.replies() if "expected" in each.text]
        world.clock.jump(3_600)  # now it is true
        await world.replied("Stop by the bot: over its limit of 1 h")
        assert len(world.platform.deliveries) == 1


async def test_a_clock_set_back_does_not_put_a_limit_off(make_world: MakeWorld) -> None:
    """Two clocks that agree are enough, whatever the wall clock says: a session over its limit is stopped."""
    async with make_world(config=CONFIG) as world:
        await world.started("slow")
        world.clock.set_wall(-TWO_HOURS_S)
        world.clock.jump(3_600)
        await world.replied("Stop by the bot: over its limit of 1 h")


@BOTH_MODES
@pytest.mark.parametrize("seconds", [60.0, -TWO_HOURS_S])
async def test_what_was_just_typed_is_not_too_old(make_world: MakeWorld, seconds: float) -> None:
    """How long ago something was typed or pressed is a question to Slack's clock, in either mode."""
    async with make_world() as world:
        world.clock.set_wall(seconds)
        await world.ann.mention(world.ops, "start obedient")
        card = await world.shows("running")
        await world.presses(world.ann, card, "Stop", expect="Confirmed: #1 obedient ended")
        await world.presses(world.ann, await world.shows("Confirmed by"), "Start again", expect="Started #2")


async def test_a_clock_that_was_never_right_lets_slacks_requests_in(make_world: MakeWorld) -> None:
    """In HTTP mode a signature is as old as Slack's clock says, which every answer of Slack's tells."""
    clock = QuickClock()
    clock.set_wall(TWO_HOURS_S)
    clock.forget()
    async with make_world(http=True, clock=clock) as world:
        await world.says(world.ann, "start obedient", expect="Started #1")


@SET
async def test_one_intent_stays_one_over_the_clocks_change(world: World, seconds: float) -> None:
    """Typed twice within 30 s it is started once, typed again minutes later it is started again, whatever is shown."""
    await world.says(world.ann, "start obedient", expect="Started #1")
    world.clock.set_wall(seconds)
    await world.says(world.ann, "start obedient", expect="Already started #1")
    world.clock.jump(120)
    await world.says(world.ann, "start obedient", expect="Started #2")
    assert len(world.platform.starts()) == 2


@SET
async def test_older_than_is_measured_in_time_that_passed(world: World, seconds: float) -> None:
    """A bulk stop of what is older than an hour finds what has lasted so long, and nothing else."""
    await world.started()
    world.clock.set_wall(seconds)
    await world.says(world.ann, "stop all older=1h", expect="No open session")
    world.clock.jump(3_600)
    await world.says(world.ann, "stop all older=1h", expect="Stop #1?")


@SET
async def test_how_long_ago_is_told_in_time_that_passed(world: World, seconds: float) -> None:
    """`status` and `list` say how long a session has run, and not how far somebody has set the clock."""
    await world.started("stuck")
    world.clock.jump(600)
    world.clock.set_wall(seconds)
    told = await world.says(world.bob, "status 1", expect="Running for 10 min")
    assert "start by" in told.text
    assert not re.search(r"[0-9] h |\b0 s ago, slash: done", told.text), told.text
    listed = await world.says(world.bob, "list", expect="1 session is open")
    assert "started 10 min" in str(listed.blocks)


@SET
async def test_a_question_stays_good_for_its_time(world: World, seconds: float) -> None:
    """A button that asks whether to stop several is as good as before the clock was set, and no better."""
    await world.started()
    await world.started("stuck")
    asked = await world.says(world.ann, "stop 1 2", expect="Stop 2 sessions?")
    world.clock.set_wall(seconds)
    await world.presses(world.ann, asked, "Stop 2 sessions", expect="confirmed")
    assert re.search("Stop of 2 sessions", world.slack.conversation())
