"""The scenarios that ship, and the one of the platform's own introduction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller

FROM_THE_INTRODUCTION = """\
VoxEngine.addEventListener(AppEvents.Started, (e) => { Logger.write(e.accessURL) });
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
  Logger.write(e.content);
  setTimeout(() => { VoxEngine.terminate(); }, 300);
});
"""
STOP = b'{"command": "stop"}'


async def test_the_introductory_scenario_runs_unchanged(caller: Caller) -> None:
    """The platform's own example logs its URL and what it is sent, and ends."""
    started = await caller.run(FROM_THE_INTRODUCTION)
    assert (await caller.send(started.url, b"any data")).status == 200
    await started.session.closed()
    assert started.session.log == [started.plain_url, "any data"]
    assert started.session.finish_reason == "Normal termination"


async def test_obedient_stays_while_its_call_is_live_and_stops_when_told(caller: Caller) -> None:
    """The obedient scenario answers data with what it got, and a stop ends it normally."""
    started = await caller.start(1001, "for you")
    answer = await caller.send(started.url, b'{"say": "hello"}')
    assert json.loads(answer.text) == {"received": {"say": "hello"}}
    assert started.session.running
    assert started.session.live_calls == 1
    assert json.loads((await caller.send(started.url, STOP)).text) == {"stopping": True}
    await started.session.closed()
    assert started.session.finish_reason == "Normal termination"
    assert started.session.live_calls == 0
    assert started.session.log[0] == "Started with custom data: for you"


@pytest.mark.parametrize("body", [b"not json", b"null", b"", b"[1]"])
async def test_obedient_survives_any_data(caller: Caller, body: bytes) -> None:
    """Data that is no JSON object is answered too, and does not end a live call."""
    started = await caller.start(1001)
    assert (await caller.send(started.url, body)).status == 200
    assert started.session.running


async def test_stuck_takes_a_stop_and_goes_on(caller: Caller) -> None:
    """A stop is delivered to the stuck scenario, with 200, and its call stays live."""
    started = await caller.start(1002)
    assert (await caller.send(started.url, STOP)).status == 200
    assert started.session.running
    assert started.session.live_calls == 1
    assert started.session.log == ['Received and ignored: {"command": "stop"}']


async def test_slow_stop_takes_the_seconds_it_was_given(caller: Caller) -> None:
    """The slow stopper answers at once, is still running then, and ends later."""
    started = await caller.start(1003, "0.5")
    await caller.send(started.url, b'{"command": "other"}')
    await caller.send(started.url, STOP)
    assert started.session.running
    await started.session.closed()
    assert started.session.log == ["Stopping in 0.5 s"]
    assert started.session.finish_reason == "Normal termination"


async def test_any_request_ends_at_whatever_it_is_sent(caller: Caller) -> None:
    """One request of any content ends the scenario that takes all for a stop."""
    started = await caller.start(1004)
    await caller.send(started.url, b"are you alive?")
    await started.session.closed()
    assert started.session.finish_reason == "Normal termination"


async def test_crash_ends_with_the_platforms_word_for_it(caller: Caller) -> None:
    """An error in a handler ends the session as "JS session error", told with its line in the log."""
    started = await caller.start(1005)
    assert (await caller.send(started.url, b"{}")).status == 200
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    assert started.session.log[0].startswith("TypeError: cannot read property 'command' of undefined")
    assert "crash:10:" in started.session.log[0]
