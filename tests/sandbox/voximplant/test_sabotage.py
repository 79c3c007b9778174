"""A scenario may break the JavaScript it runs in: its session ends, and the sandbox goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pytest

from bot.sandbox.voximplant.engine._pool import Pool
from bot.sandbox.voximplant.engine._session import ScenarioSession, SessionFacts

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller

T = TypeVar("T")

UNREADABLE = "Internal error: the scenario has broken its own JavaScript"


def telling(text: str) -> str:
    """Write a scenario that makes the shim tell `text` instead of what was done."""
    return f"String.prototype.replace = () => {text!r};"


@pytest.mark.parametrize(
    "source",
    [
        "Object.prototype.toJSON = () => '[]';",
        "RegExp.prototype[Symbol.replace] = () => 7;",
        "String.prototype.replace = () => '['.repeat(100000);",
        telling("{}"),
        telling("[7]"),
        telling("not json"),
        telling("[NaN]"),
        telling('[{"kind": "unheard-of"}]'),
        telling('[{"kind": "log", "text": 7}]'),
        telling('[{"kind": "answer", "body": {}}]'),
        telling('[{"kind": "timer", "id": 1, "delay": "soon", "repeat": false}]'),
        telling('[{"kind": "timer", "id": [], "delay": 1, "repeat": false}]'),
        telling('[{"kind": "call", "id": "1", "number": 5, "callerid": ""}]'),
    ],
)
async def test_a_scenario_that_tells_nonsense_is_over(caller: Caller, source: str) -> None:
    """Its session ends as an internal error that its log tells of; the next one is not harmed."""
    started = await caller.run(source)
    await started.session.closed()
    assert started.session.finish_reason == "Internal error (billing timeout)"
    assert started.session.log == [UNREADABLE]
    assert (await caller.send(started.url, b"{}")).status == 404
    assert await caller.log_of('Logger.write("well"); VoxEngine.terminate()') == ["well"]


@pytest.mark.parametrize(
    "told",
    [
        '[{"kind": "clear", "id": 99}]',
        '[{"kind": "hangup", "id": "99"}]',
        '[{"kind": "timer", "id": 1, "delay": 1e999, "repeat": true}]',
        '[{"kind": "timer", "id": 1, "delay": -5, "repeat": true}, {"kind": "clear", "id": 1}]',
    ],
)
async def test_a_forged_effect_does_no_harm(caller: Caller, told: str) -> None:
    """What has its shape is taken for what it says, also where the shim would not have said it."""
    started = await caller.run(telling(told))
    assert (await caller.send(started.url, b"{}")).status == 200
    assert started.session.running


async def test_a_scenario_that_breaks_its_context_at_the_end_keeps_its_end(caller: Caller) -> None:
    """In Terminating the session has its finish reason already, and its log tells of the rest."""
    started = await caller.run("""
        VoxEngine.addEventListener(AppEvents.Terminating, () => { Object.prototype.toJSON = () => "[]" });
        VoxEngine.terminate();
    """)
    await started.session.closed()
    assert started.session.finish_reason == "Normal termination"
    assert started.session.log == [UNREADABLE]


async def test_a_request_that_is_met_by_sabotage_is_answered(caller: Caller) -> None:
    """The sender gets 200, because it was delivered, and the session is over."""
    started = await caller.run(
        "VoxEngine.addEventListener(AppEvents.HttpRequest, () => { Object.prototype.toJSON = () => '[]' })"
    )
    assert (await caller.send(started.url, b"{}")).status == 200
    await started.session.closed()
    assert started.session.finish_reason == "Internal error (billing timeout)"


class BrokenPool(Pool):
    """Threads that fail, with a text that must not be told."""

    def __init__(self) -> None:
        super().__init__(threads=0)

    async def run(self, function: Callable[[], T]) -> T:
        """Fail."""
        raise RuntimeError(f"{function} at https://127.0.0.1/request/A/B")


async def test_a_fault_of_the_sandbox_ends_the_session_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Such a fault is in the log as critical, with its place and without its text."""
    facts = SessionFacts(history_id=7, sources=(), custom_data="", idle_seconds=60, connect_seconds=0, started={})
    session = ScenarioSession(facts, BrokenPool())
    with caplog.at_level(logging.CRITICAL):
        await session.closed()
    assert session.finish_reason == "Internal error (billing timeout)"
    assert session.log == ["Internal error of the sandbox"]
    (record,) = caplog.records
    assert record.getMessage().startswith("Session 7 met a fault of the sandbox: RuntimeError in run, line ")
    assert "/request/" not in caplog.text
