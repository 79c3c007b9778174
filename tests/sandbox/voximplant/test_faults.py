"""The faults that a test can order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.voximplant import Edit, Error, Fault, Hang, Html, Redirect, Reset, Slow, Status

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller


async def start(caller: Caller) -> tuple[int, str, str]:
    """Start the stuck scenario; return status, content type and body of the raw answer."""
    form = caller.key | {"rule_id": "1002"}
    url = f"{caller.platform.api_url}/StartScenarios"
    async with caller.http.post(url, data=form, allow_redirects=False) as response:
        return response.status, response.content_type, await response.text()


@pytest.mark.parametrize(("fault", "starts"), [(Hang(), 0), (Hang(applied=True), 1)])
async def test_a_hang_never_answers(caller: Caller, fault: Fault, starts: int) -> None:
    """A caller that waits in vain cannot know whether the platform acted."""
    platform = caller.platform
    platform.faults.management("StartScenarios", fault)
    await caller.gives_up(start(caller), lambda: not platform.faults.pending and len(platform.starts()) == starts)
    assert len(platform.starts()) == len(platform.sessions) == starts
    assert [each.method for each in platform.requests] == ["StartScenarios", "GetAccountInfo"]


@pytest.mark.parametrize(("fault", "starts"), [(Reset(), 0), (Reset(applied=True), 1)])
async def test_a_reset_closes_the_connection(caller: Caller, fault: Fault, starts: int) -> None:
    """The connection breaks instead of an answer, before or after the platform acted."""
    caller.platform.faults.management("StartScenarios", fault)
    with pytest.raises(aiohttp.ClientConnectionError):
        await start(caller)
    assert len(caller.platform.starts()) == starts


async def test_gateway_pages_statuses_errors_and_redirects_start_nothing(caller: Caller) -> None:
    """These come from before the platform, so nothing is done."""
    faults = caller.platform.faults
    faults.management("StartScenarios", Html())
    faults.management("StartScenarios", Status(429, "slow down", {"Retry-After": "3"}))
    faults.management("StartScenarios", Error(314, "Too many"))
    faults.management("StartScenarios", Redirect("https://127.0.0.1:1/"))
    assert (await start(caller))[:2] == (502, "text/html")
    assert (await start(caller))[0::2] == (429, "slow down")
    assert (await start(caller))[0::2] == (200, '{"error": {"code": 314, "msg": "Too many"}}')
    assert (await start(caller))[0] == 307
    assert not caller.platform.sessions
    assert faults.pending == []


async def test_an_edit_alters_the_real_answer(caller: Caller) -> None:
    """The session is started, the answer lacks what was taken out."""

    def without_history_id(body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "call_session_history_id"}

    caller.platform.faults.management("StartScenarios", Edit(without_history_id))
    _, _, text = await start(caller)
    assert "media_session_access_url" in text
    assert "call_session_history_id" not in text
    assert len(caller.platform.sessions) == 1


async def test_a_sessions_answer_cannot_be_edited(caller: Caller) -> None:
    """What a handler answers is any text, so an Edit for it is refused when it is ordered, not when it is met."""
    with pytest.raises(TypeError, match="any text"):
        caller.platform.faults.session(Edit(dict))  # type: ignore[arg-type]  # the wrong order is the point
    assert caller.platform.faults.pending == []


async def test_a_slow_answer_is_the_real_one(caller: Caller) -> None:
    """The platform acts at once and answers later: who does not wait that long never learns of it."""
    caller.platform.faults.management("StartScenarios", Slow(0.01))
    assert (await start(caller))[0] == 200
    caller.platform.faults.management("StartScenarios", Slow(3600))
    await caller.gives_up(start(caller), lambda: len(caller.platform.starts()) == 2)


async def test_faults_are_used_up_in_their_order_and_only_where_they_fit(caller: Caller) -> None:
    """A fault meets its method so many times as ordered; what is left can be seen."""
    faults = caller.platform.faults
    faults.management("StartScenarios", Status(500), times=2)
    faults.management("GetRules", Status(500))
    assert [(await start(caller))[0] for _ in range(3)] == [500, 500, 200]
    (left,) = faults.pending
    assert (left.method, left.times) == ("GetRules", 1)
    with pytest.raises(ValueError, match="one request at least"):
        faults.management("GetRules", Status(500), times=0)


async def test_a_session_fault_meets_its_session(caller: Caller) -> None:
    """A fault for one session leaves the others alone, and the scenario is not reached."""
    one, other = await caller.start(1002), await caller.start(1002)
    caller.platform.faults.session(Status(404), history_id=one.session.history_id)
    assert (await caller.send(other.url, b"1")).status == 200
    assert (await caller.send(one.url, b"2")).status == 404
    assert (await caller.send(one.url, b"3")).status == 200
    assert one.session.log == ["Received and ignored: 3"]
    assert [delivery.body for delivery in caller.platform.deliveries] == [b"1", b"2", b"3"]


@pytest.mark.parametrize(("fault", "reached"), [(Reset(), 0), (Reset(applied=True), 1), (Redirect("http://x/"), 0)])
async def test_a_broken_request_may_have_reached_the_scenario(caller: Caller, fault: Fault, reached: int) -> None:
    """A reset after the scenario got the request looks to the sender like one before; on both servers."""
    started = await caller.start(1002)
    caller.platform.faults.session(fault, times=2)
    for url in (started.url, started.plain_url):
        if isinstance(fault, Reset):
            with pytest.raises(aiohttp.ClientConnectionError):
                await caller.send(url, b"x")
        else:
            assert (await caller.send(url, b"x")).status == 307
    assert len(started.session.log) == 2 * reached
    assert caller.platform.faults.pending == []


async def test_a_session_that_hangs_may_have_been_reached(caller: Caller) -> None:
    """A hanging session URL is let go when the platform is shut down."""
    started = await caller.start(1002)
    caller.platform.faults.session(Hang(applied=True))
    await caller.gives_up(caller.send(started.url, b"x"), lambda: started.session.log == ["Received and ignored: x"])
