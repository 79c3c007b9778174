"""The platform by a world's clock: what a scenario waits for is due when the clock is put on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot.sandbox import WorldClock
from bot.sandbox.voximplant import FinishReason, PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

BEATING = """
    VoxEngine.callPSTN("+15550100", "+15550199");
    setInterval(() => ApplicationStorage.put("beat", String(Date.now()), 600000), 60000);
    setTimeout(() => Logger.write("an hour"), 3600000);
"""


async def world(open_platform: OpenPlatform) -> tuple[Caller, WorldClock]:
    """Open a platform that goes by a clock which can be put on."""
    clock = WorldClock()
    return await open_platform(PlatformOptions(clock=clock, time=clock)), clock


async def test_timers_fire_once_before_anything_is_answered(open_platform: OpenPlatform) -> None:
    """An interval fires once for all the time that was skipped, and the API answers when its handler has run."""
    caller, clock = await world(open_platform)
    started = await caller.run(BEATING)
    await caller.platform.changes.until(lambda: started.session.timers == 2, 10)
    application = caller.platform.account.applications[0]
    async with caller.platform.on_hold():
        asking = asyncio.ensure_future(
            caller.call("GetKeyValueItem", application_id=application.application_id, key="beat")
        )
        clock.put_on(5 * 60)
    beat = datetime.fromtimestamp(int((await asking)["result"]["value"]) / 1000, UTC)
    assert abs(clock() - beat) < timedelta(minutes=1)
    assert started.session.log == []
    assert caller.platform.account.key_values(application).revision == 1
    assert started.session.running


async def test_a_session_without_a_call_is_over(open_platform: OpenPlatform) -> None:
    """The idle time of 60 s passes with the clock."""
    caller, clock = await world(open_platform)
    idle = await caller.run("1;")
    clock.put_on(61)
    await caller.platform.changes.until(lambda: not idle.session.running, 10)
    assert idle.session.finish_reason == FinishReason.TIMEOUT


async def test_the_servers_dates_agree(open_platform: OpenPlatform) -> None:
    """The Date of an answer is the world's, from which a client learns the time."""
    caller, clock = await world(open_platform)
    clock.put_on(3600)
    async with caller.http.post(f"{caller.platform.api_url}/GetAccountInfo", data=caller.key) as response:
        date = parsedate_to_datetime(response.headers["Date"])
    assert abs(clock() - date) < timedelta(minutes=1)
