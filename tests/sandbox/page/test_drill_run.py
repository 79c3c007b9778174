"""The drill in a world: where it is possible, and for whom there is nothing to drill."""

from tests.sandbox.page.world import a_world

QUIET = 'VoxEngine.callPSTN("+15550100", "+15550199");'


async def test_a_drill_needs_its_rules_and_a_bot() -> None:
    """A world without one of the rules offers no drill, and one without a bot says that nobody could act."""
    async with a_world() as (tab, platform, _):
        await tab.until("drill", lambda each: each["possible"] is False)
        assert "has not what the drill needs" in await tab.refused("drill", act="start")
        platform.account.add_rule(platform.account.applications[0], "hotline", QUIET)
        await tab.does("drill", act="stop")
        await tab.until("drill", lambda each: each["possible"])
        assert "No bot is connected" in await tab.refused("drill", act="start")
        assert not platform.sessions
