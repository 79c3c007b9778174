"""Twenty scenarios, one for each pattern that people write, and every one that ships: with the kit each can be stopped.

`pytest -n 0 tests/sandbox/voximplant/test_kit_scenarios.py` prints the table.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import bot.sandbox
from bot.sandbox.voximplant import PlatformOptions
from bot.scenario import kit_source

if TYPE_CHECKING:
    from bot.sandbox.voximplant import ScenarioSession
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

OWN: Final = sorted((Path(__file__).parents[1] / "scenarios").glob("*.voxengine.js"))
SHIPPED: Final = sorted((Path(bot.sandbox.__file__).parent / "scenarios").glob("*.voxengine.js"))
STOP: Final = b'{"command": "stop"}'
HEADERS: Final = {"X-Session-Bot": "stop", "X-Request-Id": "r1"}
BOUND_S: Final = 2.0


@dataclass(frozen=True)
class Outcome:
    """A stop's outcome: whether the session was over when the stop was answered, and the seconds until its end.

    None: it still ran after the bound.
    """

    at_once: bool
    seconds: float | None
    reason: str | None
    live_calls: int

    def __str__(self) -> str:
        """Return it as the table shows it."""
        if self.seconds is None:
            return f"runs on, {self.live_calls} live"
        return f"{self.seconds:.2f} s, {self.reason}"


async def running(caller: Caller, name: str, *sources: str) -> tuple[str, ScenarioSession]:
    """Start a session, by a call where its scenario waits for one; wait until it is up, and return its URL."""
    account = caller.platform.account
    rule = account.add_rule(account.applications[0], f"{name} {len(account.rules)}", *sources)
    is_called = any("CallAlerting" in each for each in sources if each != kit_source())
    session = caller.platform.ring(rule) if is_called else (await caller.start(rule.rule_id)).session
    is_own = any(each.name.startswith(f"{name}.") for each in OWN)
    async with asyncio.timeout(30):
        while is_own and "up" not in session.log:
            assert session.running, (name, session.finish_reason, session.log)
            await asyncio.sleep(0.01)
    return caller.platform._engine.started[session.history_id].access_secure_url, session


async def stopped(caller: Caller, name: str, *sources: str) -> Outcome:
    """Send a stop of the bot to a session of the scenario."""
    url, session = await running(caller, name, *sources)
    began = time.monotonic()
    await caller.send(url, STOP, HEADERS)
    at_once = not session.running
    try:
        async with asyncio.timeout(BOUND_S if len(sources) == 1 else 30):
            await session.closed()
    except TimeoutError:
        return Outcome(at_once, None, None, session.live_calls)
    return Outcome(at_once, time.monotonic() - began, session.finish_reason, session.live_calls)


def sources_by_name() -> dict[str, str]:
    """Return every scenario of ours, and every one that ships."""
    assert len(OWN) == 20
    assert len(SHIPPED) >= 5
    return {path.name.partition(".")[0]: path.read_text(encoding="utf-8") for path in (*OWN, *SHIPPED)}


def says_goodbye(source: str) -> bool:
    """Return whether a scenario has something to do before it ends."""
    return "SessionBot.onStop(" in source


async def test_with_the_kit_every_scenario_ends_at_a_stop(
    open_platform: OpenPlatform, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the kit in front every session is over in the turn of the stop; the table has the seconds of both.

    One that says goodbye in `SessionBot.onStop` ends itself after that.
    """
    caller = await open_platform(PlatformOptions())
    scenarios = sources_by_name()
    without = await asyncio.gather(*(stopped(caller, *each) for each in scenarios.items()))
    with_kit = [await stopped(caller, name, kit_source(), source) for name, source in scenarios.items()]
    rows = [
        f"{name:20} {before!s:36} {after}" for name, before, after in zip(scenarios, without, with_kit, strict=True)
    ]
    with capsys.disabled():
        print("\n".join(["", f"{'scenario':20} {'without the kit':36} with the kit", *rows]))  # noqa: T201 - the table
    for (name, source), after in zip(scenarios.items(), with_kit, strict=True):
        assert after.at_once is not says_goodbye(source), (name, after)
        assert (after.reason, after.live_calls) == ("Normal termination", 0), (name, after)


async def test_the_order_does_not_matter_to_a_scenario_that_does_not_throw(open_platform: OpenPlatform) -> None:
    """Behind the other scenario, or pasted on top of it, the kit ends every session in the turn of the stop, too.

    A scenario in front of it that throws on the stop is over by its own error, and one that looks for the kit before
    that is there says no goodbye.
    """
    caller = await open_platform(PlatformOptions())
    scenarios = sources_by_name()
    for name, source in scenarios.items():
        throws = name in {"crash", "tone-menu"}
        behind = await stopped(caller, name, source, kit_source())
        pasted = await stopped(caller, name, kit_source() + source, "// nothing more")
        assert behind.at_once or throws, (name, behind)
        assert pasted.at_once is not says_goodbye(source) or throws, (name, pasted)
        for after in (behind, pasted):
            assert (after.reason, after.live_calls) == ("Normal termination", 0) or throws, (name, after)
