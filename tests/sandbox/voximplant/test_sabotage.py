"""A scenario may break the JavaScript it runs in: its session ends, and the sandbox goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import pytest

from bot.sandbox.voximplant.engine import EndCause, SessionFacts, Source
from bot.sandbox.voximplant.engine._pool import Pool
from bot.sandbox.voximplant.engine._session import ScenarioSession

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller

T = TypeVar("T")


@pytest.mark.parametrize(
    "sabotage",
    [
        "Object.prototype.toJSON = Array.prototype.toJSON = String.prototype.toJSON = () => '[]';",
        "RegExp.prototype[Symbol.replace] = () => 7;",
        "String.prototype.replace = () => '['.repeat(100000);",
        "JSON = null; Promise = null; Map = null; Error = null; String = null; Reflect = null; Proxy = null;",
        "JSON.parse = JSON.stringify = () => { throw 1 };",
        "Map.prototype.get = Map.prototype.set = Promise.prototype.then = () => { throw 1 };",
        "Array.prototype.find = Array.prototype.map = Array.prototype.push = Array.prototype.filter = null;",
        "Array.prototype[Symbol.iterator] = Map.prototype[Symbol.iterator] = null;",
        "Function.prototype.call = Function.prototype.apply = Function.prototype.bind = null;",
        (
            "for (const name of ['kind', 'id', 'name', 'text', 'fields', 'last', 'self', 'get', 'set', 'value'])"
            " Object.prototype[name] = () => { throw name };"
        ),
        "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(globalThis);",
        "Object.defineProperty(Promise, Symbol.species, { get() { throw 1 } });",
        "Error.prepareStackTrace = () => { throw 1 };",
        "Error.stackTraceLimit = 0; Error.captureStackTrace = null;",
        "for (const name of ['Object', 'Array', 'Symbol', 'Number', 'RegExp', 'globalThis']) globalThis[name] = null;",
    ],
)
async def test_a_scenario_that_breaks_its_javascript_goes_on(caller: Caller, sabotage: str) -> None:
    """The sandbox has taken what it needs of JavaScript before the scenario can break it."""
    assert await caller.log_of(
        sabotage
        + """
        VoxEngine.addEventListener(AppEvents.Started, async () => {
          await null;
          Logger.write("started");
          setTimeout(() => { Logger.write("fired"); VoxEngine.terminate(); }, 0);
        });
        VoxEngine.addEventListener(AppEvents.Terminating, () => Logger.write("terminating"));
    """
    ) == ["started", "fired", "terminating"]


@pytest.mark.parametrize("where", ["{}", "VoxEngine.addEventListener(AppEvents.Started, () => {{ {} }})"])
@pytest.mark.parametrize("thrown", ["{ toString() { throw 1 } }", "new Proxy({}, { get() { throw 1 } })"])
async def test_an_error_that_cannot_be_shown_ends_the_session_all_the_same(
    caller: Caller, where: str, thrown: str
) -> None:
    """What throws when it is made a text is told as such."""
    started = await caller.run(where.format(f"throw {thrown};"))
    await started.session.closed()
    assert started.session.finish_reason == "JS session error"
    assert started.session.log == ["Uncaught value that cannot be shown"]


class BrokenPool(Pool):
    """Threads that fail, with a text that must not be told."""

    def __init__(self) -> None:
        super().__init__(threads=0)

    async def run(self, function: Callable[[], T]) -> T:
        """Fail."""
        raise RuntimeError(f"{function} at https://127.0.0.1/request/A/B")


async def test_a_fault_of_the_sandbox_ends_the_session_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Such a fault is in the log as critical, with its place and without its text."""
    facts = SessionFacts(history_id=7, sources=(), custom_data="", idle_seconds=60)
    session = ScenarioSession(facts, BrokenPool())
    with caplog.at_level(logging.CRITICAL):
        await session.closed()
    assert session.finish_reason == "Internal error (billing timeout)"
    assert session.log == ["Internal error of the sandbox"]
    (record,) = caplog.records
    assert record.getMessage().startswith("Session 7 met a fault of the sandbox: RuntimeError in run, line ")
    assert "/request/" not in caplog.text


async def refusing(_: object) -> object:
    """Refuse a question, as a service does that the shim would not have asked so."""
    raise ValueError


async def test_a_question_that_no_shim_asks_ends_the_session() -> None:
    """A context that asks what cannot be asked is broken: its session is over, and not run any further."""
    source = "Net.httpRequest('http://a.invalid/', () => Logger.write('never'));"
    pool = Pool(threads=1)
    session = ScenarioSession(
        SessionFacts(
            history_id=7,
            sources=(Source("flow", source),),
            custom_data="",
            services={"http": refusing},
            idle_seconds=60,
        ),
        pool,
    )
    await session.closed()
    pool.close()
    assert session.log == ["Internal error: the scenario has broken its own JavaScript"]
    assert session.finish_reason == "Internal error (billing timeout)"
    assert session.ending is not None
    assert session.ending.cause is EndCause.BROKEN


async def test_a_service_that_there_is_not_never_answers() -> None:
    """A session without the web goes on without an answer, and its log says so."""
    source = "Net.httpRequest('http://a.invalid/', () => Logger.write('never')); setTimeout(VoxEngine.terminate, 20);"
    pool = Pool(threads=1)
    session = ScenarioSession(SessionFacts(history_id=7, sources=(Source("flow", source),), custom_data=""), pool)
    await session.closed()
    pool.close()
    assert session.log == ["not simulated: this session has no http, which is never answered"]
    assert session.finish_reason == "Normal termination"
