"""Several scenarios of a rule: one scope, in order, and errors that name the right one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.voximplant.engine import EndCause, ErrorKind, Place, ScenarioError, ScenarioSession

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller


async def ran(caller: Caller, *sources: str) -> ScenarioSession:
    """Run these scenarios of one rule in their order; return the session, which is over."""
    account = caller.platform.account
    rule = account.add_rule(account.applications[0], "flow", *sources)
    started = await caller.start(rule.rule_id)
    await started.session.closed()
    return started.session


async def only_error(caller: Caller, *sources: str) -> ScenarioError:
    """Return the one error of a run."""
    (error,) = (await ran(caller, *sources)).record.errors
    return error


async def test_what_one_scenario_declares_is_seen_by_the_next(caller: Caller) -> None:
    """Names at the top of a scenario, of every kind, belong to the scope of all."""
    session = await ran(
        caller,
        "let a = 1; const b = 2; var c = 3; class D {} function e() { return 5 } async function f() {}",
        "Logger.write([a, b, c, typeof D, e(), typeof f, this === globalThis].join()); a += 10;",
        "Logger.write(String(a)); VoxEngine.terminate();",
    )
    assert session.log == ["1,2,3,function,5,function,true", "11"]


async def test_scenarios_run_in_the_order_of_their_rule(caller: Caller) -> None:
    """All are evaluated before the first event, and listeners are called in the order of their adding."""
    listening = "VoxEngine.addEventListener(AppEvents.Started, () => Logger.write('{0} started')); Logger.write('{0}');"
    ending = "VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.terminate());"
    session = await ran(caller, listening.format("one"), listening.format("two") + ending)
    assert session.log == ["one", "two", "one started", "two started"]


async def test_a_name_declared_twice_breaks_the_second_scenario(caller: Caller) -> None:
    """The error names both places, the session is over, and the scenarios after it do not run."""
    error = await only_error(caller, "const call = 1;\n", "// mine\n\n  let call = 2;", "Logger.write('never')")
    assert error.kind is ErrorKind.SYNTAX
    assert error.text == "SyntaxError: redeclaration of 'call', which flow:1:1 declares already"
    assert error.places == (Place(scenario="flow 2", line=3, column=3),)
    assert error.line == "  let call = 2;"


@pytest.mark.parametrize(
    ("declaring", "at"),
    [
        ("\nclass name {}", (2, 1)),
        ("// let name\nfunction other() {}\n  let name;", (3, 3)),
        ("const url = 'https://a.invalid/'; let name;", (1, 35)),
        ("\nconst { other, name } = {};", (2, 1)),
        ("let rest, name = 1;", (1, 1)),
        ("const $name = 1; let other; let [name] = [];", (1, 29)),
    ],
)
async def test_a_name_declared_twice_is_found_however_it_is_declared(
    caller: Caller, declaring: str, at: tuple[int, int]
) -> None:
    """JavaScript names no place for it: the declaration is looked for, comments left out."""
    error = await only_error(caller, "let name;", declaring)
    assert error.kind is ErrorKind.SYNTAX
    assert [(place.scenario, place.line, place.column) for place in error.places] == [("flow 2", *at)]


async def test_a_mistake_is_told_with_line_column_and_the_line_itself(caller: Caller) -> None:
    """A scenario that cannot be parsed is told as data; a name that is parsed at run time is another thing."""
    error = await only_error(caller, "// fine", "\nconst x = {\r\n  a: 1,,\r\n};")
    assert (error.kind, error.during) == (ErrorKind.SYNTAX, "load")
    assert error.places == (Place(scenario="flow 2", line=3, column=8),)
    assert error.line == "  a: 1,,"


async def test_a_syntax_error_of_the_run_is_no_mistake_of_the_text(caller: Caller) -> None:
    """JSON that cannot be parsed at the top of a scenario is an uncaught error, with the scenario's line."""
    error = await only_error(caller, "\n\nJSON.parse('{');")
    assert error.kind is ErrorKind.UNCAUGHT
    assert [(place.scenario, place.line) for place in error.places] == [("flow", 3)]


async def test_an_error_names_every_scenario_on_its_way(caller: Caller) -> None:
    """The places of an error lead through the scenarios, and leave the sandbox out."""
    error = await only_error(
        caller,
        "function boom() {\n  null.x;\n}",
        "\n\nVoxEngine.addEventListener(AppEvents.Started, () => { boom(); });",
    )
    assert [str(place).rsplit(":", 1)[0] for place in error.places] == ["boom (flow:2", "<anonymous> (flow 2:3"]
    assert error.during == "Application.Started"


async def test_a_thrown_value_that_is_no_error_is_told(caller: Caller) -> None:
    """Anything may be thrown at the top of a scenario."""
    assert [(await only_error(caller, f"throw {value}")).text for value in ("'words'", "7", "{ a: 1 }")] == [
        "Uncaught words",
        "Uncaught 7",
        "Uncaught [object Object]",
    ]


async def test_a_source_that_is_no_text_is_told(caller: Caller) -> None:
    """A NUL, as in a binary file, ends the session as an error of the scenario and not of the sandbox."""
    session = await ran(caller, "\x7fELF\n\x01\x00\x01")
    assert session.finish_reason == "JS session error"
    assert session.ending is not None
    assert session.ending.cause is EndCause.UNCAUGHT
    assert session.record.errors[0].kind is ErrorKind.SYNTAX
    assert session.record.errors[0].places == (Place(scenario="flow", line=2, column=2),)


async def test_a_mistake_in_the_first_scenario_is_not_put_on_the_second(caller: Caller) -> None:
    """Each scenario's lines are its own, however long the ones before it are."""
    error = await only_error(caller, "\n" * 500 + "null.x", "Logger.write('never')")
    assert [(place.scenario, place.line) for place in error.places] == [("flow", 501)]
