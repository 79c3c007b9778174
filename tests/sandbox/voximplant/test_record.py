"""The record of a session, as data for who judges a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.voximplant._options import utc_now
from bot.sandbox.voximplant.engine import HttpAnswer
from bot.sandbox.voximplant.engine._effects import Note
from bot.sandbox.voximplant.engine._record import LOG_LENGTH_MAX, LOG_LINES_MAX, Record
from bot.sandbox.voximplant.engine._source import SourceMap

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller


async def test_listeners_are_recorded_with_their_turn_and_place(caller: Caller) -> None:
    """It can be seen whether a handler is there from the beginning, only after Started, or not until later."""
    started = await caller.run(
        "VoxEngine.addEventListener(AppEvents.Started, () => {\n"
        "  VoxEngine.addEventListener(AppEvents.HttpRequest, () => {});\n"
        "  setTimeout(() => {\n"
        "    VoxEngine.addEventListener(AppEvents.Terminating, () => {});\n"
        "    VoxEngine.removeEventListener(AppEvents.HttpRequest);\n"
        "    VoxEngine.terminate();\n"
        "  }, 0);\n"
        "});"
    )
    await started.session.closed()
    seen = [
        (each.event, each.during, each.place.line if each.place else None, each.is_removal)
        for each in started.session.record.listeners
    ]
    assert seen == [
        ("Application.Started", "load", 1, False),
        ("Application.HttpRequest", "Application.Started", 2, False),
        ("Application.Terminating", "timer", 4, False),
        ("Application.HttpRequest", "timer", 5, True),
    ]


async def test_names_in_vain_are_recorded_with_their_place(caller: Caller) -> None:
    """A stand-in, and a name that the platform does not have either, are told apart."""
    started = await caller.run(
        "\nVoxEngine.disableTraceForIncomingWebsockets();\nVoxEngine.noSuchName;\nVoxEngine.terminate();"
    )
    await started.session.closed()
    noted = [
        (each.name, each.place and each.place.line, each.is_known) for each in started.session.record.not_simulated
    ]
    assert noted == [
        ("VoxEngine.disableTraceForIncomingWebsockets", 2, True),
        ("VoxEngine.noSuchName", 3, False),
    ]


async def test_the_handlers_of_a_request_are_counted(caller: Caller) -> None:
    """Nobody listening, and somebody who keeps silent, are two things."""
    deaf = await caller.run("VoxEngine.callPSTN('+15550100', '1')")
    assert await deaf.session.deliver({}) == HttpAnswer(handlers=0, body=None)
    silent = await caller.run("for (const _ of [1, 2]) VoxEngine.addEventListener(AppEvents.HttpRequest, () => {})")
    assert await silent.session.deliver({}) == HttpAnswer(handlers=2, body=None)


async def test_the_timers_that_run_are_counted(caller: Caller) -> None:
    """A safety timer can be seen."""
    started = await caller.run("setTimeout(() => {}, 60000); clearTimeout(setTimeout(() => {}, 1));")
    await started.session.deliver({})
    assert started.session.timers == 1


def test_the_log_is_limited() -> None:
    """A scenario that floods its log fills it, and not the memory; its last lines are the ones that are lost."""
    record = Record(utc_now, SourceMap(()))
    for number in range(LOG_LINES_MAX + 10):
        record.write(str(number))
    assert len(record.log_lines) == LOG_LINES_MAX
    record = Record(utc_now, SourceMap(()))
    for _ in range(LOG_LINES_MAX):
        record.write("x" * 100_000)
    assert sum(len(line.text) for line in record.log_lines) <= LOG_LENGTH_MAX


def test_a_place_that_is_not_known_is_said_to_be_so() -> None:
    """A note from a text that the scenario evaluated itself has no line."""
    record = Record(utc_now, SourceMap(()))
    record.missed(Note("VoxEngine.x", "    at <input>:1:1"))
    assert record.log_lines[0].text == "not simulated: VoxEngine.x, line unknown"
    assert record.not_simulated[0].place is None


async def test_a_line_names_its_scenario_where_there_are_several(caller: Caller) -> None:
    """With one scenario its name is no news."""
    account = caller.platform.account
    source = "VoxEngine.disableTraceForIncomingWebsockets();"
    rule = account.add_rule(account.applications[0], "two", "// one", source + "VoxEngine.terminate();")
    session = (await caller.start(rule.rule_id)).session
    await session.closed()
    assert session.log == ["not simulated: VoxEngine.disableTraceForIncomingWebsockets, line 1 of two 2"]
