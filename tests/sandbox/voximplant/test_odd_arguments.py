from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.sandbox.voximplant._key_value import KeyValueStore
from bot.sandbox.voximplant.engine import Http, Source, Storage
from bot.sandbox.voximplant.engine._effects import Ask, Effect, Log, SetTimer
from bot.sandbox.voximplant.engine._script import Script
from bot.sandbox.voximplant.engine._typings import members_of, typings
from tests.docs.scenario_api import made_by

_ODD = (
    "", "undefined", "null", "{}", '"x"', "NaN", 'Symbol("s")', "() => {}", "[1, [2]]", "-1", "1e400", '"\\ud800"',
    "10n",
    "{ get call() { throw 1; } }", "Object.create(null)", "{}, null, {}", '"a", "b", () => { throw 1; }',
    "{ amd: 1, username: {}, headers: 7, call: {}, postData: [{}], params: 7 }",
)  # fmt: skip
_DONE = "\nLogger.write('done');"
_ASKING = ("Net.httpRequestAsync", "ApplicationStorage.put", "ApplicationStorage.get", "ApplicationStorage.keys")


def _now() -> datetime:
    return datetime.now(UTC)


def _ran(source: str) -> Iterator[Effect]:
    """Yield the effects of a scenario, and those of the timers that it leaves behind, two rounds of them."""
    script = Script([Source("odd", source)], _now)
    script.turn({"kind": "open", "sessionId": 1, "customData": "", "now": 0})
    effects = script.load(0)
    for _ in range(2):
        yield from effects
        timers = [effect.timer_id for effect in effects if isinstance(effect, SetTimer)]
        effects = [effect for timer_id in timers for effect in script.turn({"kind": "timer", "id": timer_id})]


def _called(name: str, arguments: tuple[str, ...] = _ODD) -> str:
    return "\n".join(f"try {{ {name}({each}); }} catch (error) {{}}" for each in arguments)


@pytest.mark.parametrize("owner", sorted({path.rpartition(".")[0] for path in typings()["functions"]}))
def test_odd_arguments_of_functions_break_nothing(owner: str) -> None:
    """Whatever a scenario hands to a function, what the sandbox hears of it has its own form (else UnreadableError)."""
    paths = [path for path in typings()["functions"] if path.rpartition(".")[0] == owner]
    assert Log("done") in [*_ran("\n".join(map(_called, paths)) + _DONE)]


@pytest.mark.parametrize("name", [name for name in typings()["classes"] if made_by(name)])
def test_odd_arguments_of_methods_break_nothing(name: str) -> None:
    """The same holds for the methods of every object that a scenario can get."""
    calls = "\n".join(_called(f"made.{method}") for method in members_of(name))
    assert Log("done") in [*_ran(f"(async () => {{ const made = await {made_by(name)};\n{calls}{_DONE}\n}})();")]


@pytest.mark.parametrize("name", _ASKING)
async def test_odd_questions_are_answered(name: str) -> None:
    """What a scenario asks of HTTP and of the storage is answered, however odd it is."""
    services = {"http": Http({}, sends=False), "storage": Storage(KeyValueStore(), _now)}
    pairs = tuple(f"{one}, {other}" for one in _ODD if one for other in _ODD if other)
    asked = [effect for effect in _ran(_called(name, pairs)) if isinstance(effect, Ask)]
    assert asked
    for ask in asked:
        await services[ask.what].answer(ask.question)
