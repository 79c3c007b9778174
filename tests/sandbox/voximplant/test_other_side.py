"""What the platform knows of its sessions beside the API: who started them, what changes, and how they fail."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from bot.sandbox.voximplant import FinishReason, Hang, Html, Origin, Side, Slow, Status

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller

LISTENING = """
    VoxEngine.callPSTN("+15550100", "+15550199");
    VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => Logger.write(e.content));
"""
SECONDS = 10


async def test_the_origin_of_a_session_is_kept(caller: Caller) -> None:
    """The platform tells apart a client of its API, a back-end, and a call that came in."""
    platform = caller.platform
    rule = platform.account.rules[0]
    ids = [
        (await caller.start(rule.rule_id)).session.history_id,
        platform.start(rule).history_id,
        platform.ring(rule).history_id,
    ]
    assert [platform.started[each].origin for each in ids] == [Origin.CLIENT, Origin.BACK_END, Origin.CALL]


async def test_a_crash_is_an_error_of_the_scenario(caller: Caller) -> None:
    """A crash ends the session as an uncaught error does, with the error in its log."""
    started = await caller.run(LISTENING)
    started.session.crash()
    await caller.platform.changes.until(lambda: not started.session.running, SECONDS)
    assert started.session.finish_reason == FinishReason.SCRIPT_ERROR
    assert any("An error from outside" in line for line in started.session.log)
    assert [error.during for error in started.session.record.errors] == ["crash"]


async def test_nothing_runs_in_a_session_that_hangs(caller: Caller) -> None:
    """A session that hangs does not crash, and stays."""
    started = await caller.run(LISTENING)
    await caller.platform.changes.until(lambda: started.session.live_calls, SECONDS)
    started.session.hang()
    started.session.crash()
    assert (await caller.send(started.url, b"{}")).status == 200
    assert started.session.hangs
    assert started.session.running


async def test_whatever_changes_is_told(caller: Caller) -> None:
    """Who waits for a change is woken by a line of the log and by a request's answer, with what it was."""
    started = await caller.run(LISTENING)
    waiting = asyncio.ensure_future(caller.platform.changes.until(lambda: started.session.log, SECONDS))
    await caller.send(started.url, b"hello")
    assert await waiting == ["hello"]
    (delivery,) = caller.platform.deliveries
    assert delivery.status == 200
    assert delivery.seconds is not None


async def test_a_standing_fault_meets_every_request_until_it_is_ended(caller: Caller) -> None:
    """It goes on for any number of requests, an ordered fault goes before it, and the other side is left alone."""
    started = await caller.run(LISTENING)
    faults = caller.platform.faults
    faults.stand(Side.SESSIONS, Html(502))
    faults.session(Status(410))
    assert [(await caller.send(started.url, b"{}")).status for _ in range(3)] == [410, 502, 502]
    assert (await caller.call("GetAccountInfo"))["result"]
    faults.stand(Side.SESSIONS, None)
    assert (await caller.send(started.url, b"{}")).status == 200


async def test_what_hangs_or_is_slow_is_let_go_when_the_fault_ends(caller: Caller) -> None:
    """A slow answer comes as soon as its fault is ended, and so does the end of a connection that hung."""
    faults = caller.platform.faults
    faults.stand(Side.MANAGEMENT, Slow(3600))
    slow = asyncio.ensure_future(caller.call("GetAccountInfo"))
    await until_asked(caller, 1)
    faults.stand(Side.MANAGEMENT, None)
    assert (await asyncio.wait_for(slow, SECONDS))["result"]
    faults.stand(Side.MANAGEMENT, Hang())
    hanging = asyncio.ensure_future(caller.call("GetAccountInfo"))
    await until_asked(caller, 2)
    faults.stand(Side.MANAGEMENT, None)
    (outcome,) = await asyncio.wait_for(asyncio.gather(hanging, return_exceptions=True), SECONDS)
    assert isinstance(outcome, aiohttp.ClientError)
    assert (await caller.call("GetAccountInfo"))["result"]


async def until_asked(caller: Caller, requests: int) -> None:
    """Wait until the API has got so many requests."""
    async with asyncio.timeout(SECONDS):
        while len(caller.platform.requests) < requests:  # noqa: ASYNC110 - the API sets no event
            await asyncio.sleep(0.01)
