"""Scenarios that break what runs them: each is a finding, told in a sentence, and costs its own sessions only."""

import pytest

from bot.cli.scenario.check import Options, _plan
from storage.scenario_checks import Verdict

from .conftest import CheckSources

pytestmark = pytest.mark.asyncio(loop_scope="module")
WITHOUT_KIT = Options(with_kit=False)
DIALS = 'VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("+15550100", "1"));\n'


@pytest.mark.parametrize(
    ("source", "line", "column", "excerpt"),
    [
        ("let a = 1;\n\tfoo(;\n", 2, 6, " foo(;\n     ^"),
        ("let a = ;", 1, 9, "let a = ;\n        ^"),
        ("let a = 'x\n", 1, 9, "let a = 'x\n        ^"),
        ("if (a) {", 1, 9, "if (a) {\n        ^"),
        ("x" * 500 + " y" + "z" * 500, 1, 502, f"…{'x' * 37} y{'z' * 37}…\n{' ' * 39}^"),
    ],
)
async def test_a_syntax_error_has_its_place(
    check_sources: CheckSources, source: str, line: int, column: int, excerpt: str
) -> None:
    """A file that does not parse is told with line, column and the line itself, a caret under the place."""
    found = await check_sources(source)
    assert found.problem is not None
    assert (found.problem.line, found.problem.column, found.problem.excerpt) == (line, column, excerpt)
    assert (found.verdict, found.why) == (Verdict.cannot_tell, "it does not parse")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("#!/usr/bin/env node\nlet a = 1;", "it begins with #!, a line for a shell"),
        ("let a = 1;\nconst b = await ApplicationStorage.get('b');", "await stands outside an async function"),
        ("function f() {\n  await g();\n}", "await stands outside an async function"),
    ],
)
async def test_what_the_parser_does_not_name_is_named(check_sources: CheckSources, source: str, words: str) -> None:
    """A parser tells of the token that it stumbled at, and not of the mistake before it."""
    found = await check_sources(source)
    assert found.problem is not None
    assert found.problem.message.startswith(words)


async def test_the_second_file_s_error_is_the_second_file_s(check_sources: CheckSources) -> None:
    """The problem names the file that it is in."""
    found = await check_sources("let a = 1;", "\nlet b = ;")
    assert found.problem is not None
    assert (found.problem.script, found.problem.line) == ("b.js", 2)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("let x: string = 'a';", "it is TypeScript, and not JavaScript"),
        ("import x from 'y';", "it is an ES module, and not JavaScript"),
        ("export default 1;", "it is an ES module, and not JavaScript"),
        ("const x = <div/>;", "it is JSX, and not JavaScript"),
    ],
)
async def test_another_language_is_named_with_what_to_do(check_sources: CheckSources, source: str, words: str) -> None:
    """What the platform does not run is called by its name."""
    found = await check_sources(source)
    assert found.problem is not None
    assert found.problem.message.startswith(words)
    assert "The platform runs" in found.problem.message


@pytest.mark.parametrize(
    "source",
    [
        "(async () => { for (;;) await null; })();",
        "const a = []; for (;;) a.push(new Array(1000).fill(1));",
        "throw new Error('at once');",
        f"{DIALS}VoxEngine.addEventListener(AppEvents.HttpRequest, () => {{ while (true); }});",
        f"{DIALS}VoxEngine.addEventListener(AppEvents.HttpRequest, () => {{ throw 1; }});",
        f"{DIALS}VoxEngine.addEventListener(AppEvents.HttpRequest, () => {{ VoxEngine.stopEverything(); }});",
    ],
)
async def test_a_scenario_that_loops_or_throws_is_a_finding(check_sources: CheckSources, source: str) -> None:
    """At its load, in a promise or in a handler: it throws."""
    assert (await check_sources(source, options=WITHOUT_KIT)).verdict is Verdict.throws


async def test_a_scenario_that_loops_does_no_harm_to_the_next_one(check_sources: CheckSources) -> None:
    """The simulator that ended a loop judges the next scenario rightly."""
    assert (await check_sources("while (true);", options=WITHOUT_KIT)).verdict is Verdict.throws
    good = "VoxEngine.addEventListener(AppEvents.HttpRequest, VoxEngine.terminate);"
    assert (await check_sources(good, options=WITHOUT_KIT)).is_good


async def test_a_busy_timer_is_watched_for_as_long_as_it_can_be(
    check_sources: CheckSources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario that is busy all the time still gets its verdict."""
    monkeypatch.setattr(_plan, "ALONE_PROCESSOR_S", 0.5)
    monkeypatch.setattr(_plan, "PROBE_PROCESSOR_S", 0.4)
    busy = "setInterval(() => { for (let i = 0; i < 3e4; i++); }, 100);\n"
    source = f"{DIALS}{busy}VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());"
    assert (await check_sources(source, options=WITHOUT_KIT)).verdict is Verdict.stops


async def test_a_flooded_log_is_no_harm(check_sources: CheckSources) -> None:
    """A scenario that writes very much into its log is stopped like any other."""
    flood = "setInterval(() => { for (let i = 0; i < 20; i++) Logger.write('x'.repeat(9000)); }, 1000);\n"
    source = f"{DIALS}{flood}VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());"
    assert (await check_sources(source, options=WITHOUT_KIT)).verdict is Verdict.stops


async def test_a_hundred_handlers_are_handlers(check_sources: CheckSources) -> None:
    """Many handlers that do nothing do nothing, and those of one line are told once, with their number."""
    many = "for (let i = 0; i < 100; i++) VoxEngine.addEventListener(AppEvents.HttpRequest, () => {});"
    found = await check_sources(f"{DIALS}{many}", options=WITHOUT_KIT)
    assert found.verdict is Verdict.does_nothing
    assert [(each.times, each.in_source) for each in found.listeners] == [(100, True)]


@pytest.mark.parametrize("source", ["VoxEngine.terminate();", "\ufeffVoxEngine.terminate();"])
async def test_an_end_in_the_first_line_leaves_nothing_to_stop(check_sources: CheckSources, source: str) -> None:
    """A scenario that ends at once cannot be stopped, and is told so."""
    found = await check_sources(source)
    assert (found.verdict, found.why) == (Verdict.cannot_tell, "it is over before a stop could be sent")


async def test_an_empty_file_does_nothing(check_sources: CheckSources) -> None:
    """A scenario without a line is run like any other."""
    assert (await check_sources("", options=WITHOUT_KIT)).verdict is Verdict.does_nothing


async def test_what_is_too_large_for_the_platform_is_not_run(check_sources: CheckSources) -> None:
    """A source of 128 KB or more is refused by the platform, which is said instead."""
    found = await check_sources("//" + "x" * 2_000_000)
    assert found.problem is not None
    assert found.problem.message == "it has 2,000,002 bytes, and the platform takes less than 131,072"


async def test_what_crashes_the_engine_is_a_finding(check_sources: CheckSources) -> None:
    """A pattern that the engine cannot leave is ended from outside, and costs no other check."""
    endless = "/^(a|a)*$/.test('a'.repeat(60) + 'b');"
    found = await check_sources(endless, options=WITHOUT_KIT)
    assert found.verdict in {Verdict.throws, Verdict.cannot_tell}


async def test_texts_that_no_encoding_takes_do_no_harm(check_sources: CheckSources) -> None:
    """Half of a surrogate pair, in an error, an answer, a number or a rejection, is shown as a question mark."""
    source = f"""{DIALS}
VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("\\udc00", "1"));
VoxEngine.addEventListener(AppEvents.HttpRequest, () => {{
  VoxEngine.terminate();
  Promise.reject(new Error("\\ud800"));
  return "\\ud800";
}});"""
    found = await check_sources(source, options=WITHOUT_KIT)
    assert found.verdict is Verdict.stops
    assert [each.text for each in found.rejections] == ["Error: ?"]


async def test_very_long_texts_are_cut(check_sources: CheckSources) -> None:
    """An error of a million letters is told by its beginning."""
    found = await check_sources("throw new Error('x'.repeat(1e6));", options=WITHOUT_KIT)
    assert found.verdict is Verdict.throws
    assert len(found.detail) < 300
