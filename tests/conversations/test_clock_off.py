"""A machine whose clock is wrong: it is said where somebody reads it, and nothing false is told because of it."""

import re
from datetime import timedelta

import pytest

from bot.sandbox.voximplant import Hang
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

TEN_MINUTES_S = 600.0
OFF = pytest.mark.parametrize("seconds", [-TEN_MINUTES_S, TEN_MINUTES_S], ids=["behind", "ahead"])


def off(seconds: float) -> QuickClock:
    """Return a clock that tells another time than the platform's."""
    clock = QuickClock(times=5)
    clock.set_wall(seconds)
    clock.forget()
    return clock


def by_slack(world: World, seconds: float) -> None:
    """Set Slack's clock to another time than the bot's."""
    world.slack.workspace.clock = lambda: world.clock.now() - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seconds", "says"), [(-TEN_MINUTES_S, "600 s behind Slack's"), (TEN_MINUTES_S, "600 s ahead of Slack's")]
)
async def test_a_clock_that_is_off_is_logged_at_the_start(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture, seconds: float, says: str
) -> None:
    """By how much, and whether it is slow or fast, stands in the log before the first command comes."""
    async with make_world(start=False) as world:
        by_slack(world, seconds)
        await world.start_bot()
        (told,) = re.findall("this machine's clock is (\\d+ s .*): set it right, with NTP", caplog.text)
        assert re.sub("59[0-9]|60[0-9]", "600", told) == says


async def test_a_clock_that_is_right_is_not_mentioned(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """A few seconds are no reason for a line."""
    async with make_world(start=False) as world:
        by_slack(world, 5)
        await world.start_bot()
        assert "clock" not in caplog.text


@OFF
async def test_a_clock_that_the_platform_does_not_share_is_logged_once(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture, seconds: float
) -> None:
    """A clock that goes wrong later, while the bot runs, is noticed by the platform's answers, and said once."""
    async with make_world(clock=off(seconds)) as world:
        await world.says(world.ann, "rules", expect="obedient")
        await world.started()
        lines = [each.getMessage() for each in caplog.records if "the platform's" in each.getMessage()]
        way = "behind" if seconds < 0 else "ahead of"
        assert len(lines) == 1
        assert re.fullmatch(
            f"this machine's clock is \\d{{3}} s {way} the platform's: set it right, with NTP", lines[0]
        )


@OFF
async def test_no_time_is_made_up_from_two_clocks(make_world: MakeWorld, seconds: float) -> None:
    """How long after the stop a session ended is left out where the two clocks make it impossible."""
    async with make_world(clock=off(seconds)) as world:
        await world.started()
        await world.says(world.bob, "stop 1", expect="Confirmed: #1 obedient ended (Normal termination).")
        told = await world.says(world.ann, "stop 1", expect="has ended already")
        assert "ago" not in told.text


@OFF
async def test_a_lost_start_is_found_although_the_clock_is_off(make_world: MakeWorld, seconds: float) -> None:
    """The history is searched by the platform's clock, as its answers tell it."""
    async with make_world(environ={"VOXIMPLANT_START_TIMEOUT": "0.3"}, clock=off(seconds)) as world:
        world.platform.faults.management("StartScenarios", Hang(applied=True))
        await world.says(world.ann, "start obedient ticket-12", expect="not known")
        await world.shows("uncontrolled")
