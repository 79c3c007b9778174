"""The drill in a world: where it is possible, and for whom there is nothing to drill."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bot.sandbox.slack import LocalSlack
from bot.sandbox.voximplant import Platform
from tests.sandbox.page.conftest import Bot
from tests.sandbox.page.world import WorldTab, a_world

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


async def opens_its_lines(tab: WorldTab, platform: Platform, number: int) -> set[int]:
    """Start what people type in a drill, as their bot would, and wait for the alarm; return the sessions' ids."""
    await tab.does("drill", act="start")
    (rule,) = [each for each in platform.account.rules if each.rule_name == "obedient"]
    for line in range(1, 9):
        platform.start(rule, f"drill {number} line {line}")
    alarm = await tab.until("drill", lambda each: each["number"] == number and each["phase"] != "starting")
    assert alarm["phase"] == "alarm", alarm
    return {each["id"] for each in alarm["lines"]}


async def test_a_drill_again_has_lines_of_its_own() -> None:
    """A drill that begins the moment the last one is over is about its own sessions, and those of the last have ended.

    One in an archived channel does not begin.
    """
    async with a_world() as (tab, platform, slack), aiohttp.ClientSession() as http, connected_bot(slack, http):
        platform.account.add_rule(platform.account.applications[0], "hotline", QUIET)
        first = await opens_its_lines(tab, platform, 1)
        for history_id in first:
            platform.sessions[history_id].end()
        over = await tab.until("drill", lambda each: each["phase"] == "over")
        assert "No stop was sent." in over["words"]
        assert not first & await opens_its_lines(tab, platform, 2)
        await tab.does("drill", act="stop")
        slack.archive(slack.channel("night-shift"))
        assert "#night-shift is archived" in await tab.refused("drill", act="start")


@asynccontextmanager
async def connected_bot(slack: LocalSlack, http: aiohttp.ClientSession) -> AsyncIterator[None]:
    """Connect a bot that acks whatever it gets."""
    running = asyncio.create_task(Bot(slack, http).run())
    await slack.connected()
    yield
    running.cancel()
    await asyncio.wait([running])
