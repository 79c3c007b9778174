"""The look at a source: where it listens, how it ends itself, and in which language it is written."""

import pytest

from bot.cli.scenario.check.source._code import Spot
from bot.cli.scenario.check.source._dialect import Dialect
from bot.cli.scenario.check.source._look import look

LIMITS = """\
const LIMIT = 30 * 60 * 1000;
function bye() { finish(); }
const finish = () => VoxEngine.terminate();
class Guard { end() { bye(); } }
setTimeout(bye, LIMIT);
setTimeout(function () { guard.end(); }, 45e3);
setInterval(() => { if (late()) { VoxEngine.terminate(); } }, 60000);
setTimeout(VoxEngine.terminate, limitOf(rule));
"""


@pytest.mark.parametrize(
    "registration",
    [
        "VoxEngine.addEventListener(AppEvents.HttpRequest, f)",
        "VoxEngine.addEventListener(\n  AppEvents.HttpRequest,\n  f)",
        'VoxEngine["addEventListener"](AppEvents["HttpRequest"], f)'.replace(
            '["addEventListener"]', ".addEventListener"
        ),
        'VoxEngine.addEventListener("Application.HttpRequest", f)',
        "VoxEngine.addEventListener(AppEvents /* the */ . HttpRequest, async (e) => {})",
    ],
)
def test_a_handler_is_found_however_its_event_is_written(registration: str) -> None:
    """Each way to name the event in a registration is a place that listens."""
    assert len(look("a.js", registration).listens) == 1


@pytest.mark.parametrize(
    "source",
    [
        "// VoxEngine.addEventListener(AppEvents.HttpRequest, f)",
        "Logger.write('VoxEngine.addEventListener(AppEvents.HttpRequest, f)')",
        "VoxEngine.addEventListener(AppEvents.Started, f)",
        "VoxEngine.removeEventListener(AppEvents.HttpRequest, f)",
        "const event = AppEvents.HttpRequest",
    ],
)
def test_what_only_looks_like_a_handler_is_none(source: str) -> None:
    """A comment, a string, another event and a mere mention register nothing."""
    assert look("a.js", source).listens == ()


def test_safety_timers_are_found_with_their_time() -> None:
    """A timer whose function ends the session guards it, through other functions and named numbers, too."""
    found = [(each.spot.line, each.seconds) for each in look("a.js", LIMITS).safety_timers]
    assert found == [(5, 1800.0), (6, 45.0), (7, None), (8, None)]


@pytest.mark.parametrize(
    "source",
    [
        "setTimeout(() => VoxEngine.terminate(), 2000)",
        "setTimeout(() => call.say('bye'), 60000)",
        "VoxEngine.addEventListener(AppEvents.HttpRequest, () => setTimeout(VoxEngine.terminate, 60000))",
    ],
)
def test_other_timers_guard_nothing(source: str) -> None:
    """A short delay, another job, and what a request sets are no safety timers."""
    assert look("a.js", source).safety_timers == ()


@pytest.mark.parametrize(
    ("source", "language", "line"),
    [
        ("let x: string = 'a'", Dialect.typescript, 1),
        ("function f(e: Event) {}", Dialect.typescript, 1),
        ("const f = (e?: Event) => 1", Dialect.typescript, 1),
        ("function f(): void {}", Dialect.typescript, 1),
        ("const f = async (): Promise<void> => {}", Dialect.typescript, 1),
        ("\ninterface Order { id: string }", Dialect.typescript, 2),
        ("type Order = {}", Dialect.typescript, 1),
        ("const x = y as Call", Dialect.typescript, 1),
        ("class A {\n  private call;\n}", Dialect.typescript, 2),
        ("import x from 'y'", Dialect.module, 1),
        ("import { x } from 'y'", Dialect.module, 1),
        ("import 'y'", Dialect.module, 1),
        ("\nexport default function () {}", Dialect.module, 2),
        ("export const x = 1", Dialect.module, 1),
        ("const x = <div/>", Dialect.jsx, 1),
    ],
)
def test_other_languages_are_named(source: str, language: Dialect, line: int) -> None:
    """TypeScript, modules and JSX are known by their first sign."""
    seen = look("a.js", source)
    assert (seen.dialect, seen.not_javascript) == (language, Spot("a.js", line))


@pytest.mark.parametrize(
    "source",
    [
        "const x = a ? (b) : c",
        "const o = { type: 1, as: 2, private: 3, import: 4 }",
        "switch (x) { case foo: break; default: y }",
        "outer: for (;;) {}",
        "import('x').then(f); import_ = 1; exported.export = 2",
        "for await (const x of y) {}",
        "a < b && c > d; f(a < b)",
        "x = a ?.5 : b; x = a?.b",
        "type = 3; declare(1); namespace.x = 1",
        "// let x: string\n'interface Order {}'",
    ],
)
def test_javascript_is_taken_for_javascript(source: str) -> None:
    """What JavaScript writes in a similar way is no sign of another language."""
    assert look("a.js", source).dialect is Dialect.javascript
