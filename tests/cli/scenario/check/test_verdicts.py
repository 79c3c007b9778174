"""Whole checks of scenarios, each run in the simulator's own process: the verdict, and what it rests on."""

import pytest

from bot.cli.scenario.check import Options, typed_stop
from bot.cli.scenario.check._outcome import Effect
from bot.cli.scenario.check._plan import Question, Variant
from bot.cli.scenario.check._words import toml_lines
from bot.cli.scenario.sessions import Request
from bot.sandbox.voximplant._account import shipped_scenario
from bot.scenario import kit_source
from storage.scenario_checks import Verdict

from .conftest import CheckSources

DIALS = """\
let call;
VoxEngine.addEventListener(AppEvents.Started, () => { call = VoxEngine.callPSTN("+15550100", "1"); });
"""
pytestmark = pytest.mark.asyncio(loop_scope="module")
WITHOUT_KIT = Options(with_kit=False)


def listens(body: str) -> str:
    """Return a scenario that calls somebody, and does this at a request `e`."""
    return f"{DIALS}VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {{ {body} }});"


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("obedient", Verdict.stops),
        ("slow-stop", Verdict.stops),
        ("any-request", Verdict.stops),
        ("stuck", Verdict.stops_with_kit),
        ("crash", Verdict.stops_with_kit),
    ],
)
async def test_the_shipped_scenarios_are_judged_rightly(
    check_sources: CheckSources, name: str, verdict: Verdict
) -> None:
    """Each shipped sample gets the verdict that its first lines announce."""
    assert (await check_sources(shipped_scenario(name))).verdict is verdict


@pytest.mark.parametrize(("name", "verdict"), [("stuck", Verdict.does_nothing), ("crash", Verdict.throws)])
async def test_without_the_kit_the_reason_is_the_verdict(
    check_sources: CheckSources, name: str, verdict: Verdict
) -> None:
    """Where the kit is not tried, a scenario that nothing ends does nothing, or throws."""
    found = await check_sources(shipped_scenario(name), options=WITHOUT_KIT)
    assert (found.verdict, found.kit_helps, found.is_good) == (verdict, False, False)


@pytest.mark.parametrize(
    ("handler", "works", "lines"),
    [
        (
            'if (JSON.parse(e.content).action === "hangup") end();',
            '{"action": "hangup"}',
            'stop = \'{"action": "hangup"}\'',
        ),
        ('if (e.content === "0") end();', "0", 'stop = "0"'),
        ('if (e.content.includes("command=disconnect")) end();', "command=disconnect", 'stop = "command=disconnect"'),
        ('if (e.content.includes("it\'s over")) end();', "it's over", 'stop = "it\'s over"'),
        (
            'const { verb } = JSON.parse(e.content); if (verb === "bye") end();',
            '{"verb": "bye"}',
            'stop = \'{"verb": "bye"}\'',
        ),
    ],
)
async def test_another_word_is_found_and_can_be_pasted(
    check_sources: CheckSources, handler: str, works: str, lines: str
) -> None:
    """A word of the wild or of the source itself is found, with the lines for it."""
    source = listens(f"const end = () => {{ call.hangup(); VoxEngine.terminate(); }}; {handler}")
    found = await check_sources(source)
    assert (found.verdict, found.works) == (Verdict.stops_otherwise, Request(body=works))
    assert found.works is not None
    assert toml_lines(found.works, found.subject.stop) == [lines]
    assert found.kit_helps


async def test_a_word_that_was_found_is_good_as_the_stop(check_sources: CheckSources) -> None:
    """With the word that was found as its stop the scenario stops."""
    source = listens('if (e.content === "0") VoxEngine.terminate();')
    found = await check_sources(source, options=Options(stop=typed_stop("0", "", "POST")))
    assert (found.verdict, found.is_good) == (Verdict.stops, True)


@pytest.mark.parametrize(
    ("test", "lines"),
    [
        ('e.path.endsWith("/finish")', ['stop_path = "/finish"']),
        ('e.path.includes("action=finish")', ['stop_path = "?action=finish"']),
        ('e.method === "GET" && e.path.endsWith("/bye")', ['stop_path = "/bye"', 'stop_method = "GET"']),
        ('e.method === "GET"', ['stop_method = "GET"']),
    ],
)
async def test_a_stop_by_path_or_method_is_found(check_sources: CheckSources, test: str, lines: list[str]) -> None:
    """A scenario that looks at the path or the method gets the lines for it."""
    found = await check_sources(listens(f"if ({test}) VoxEngine.terminate();"))
    assert found.works is not None
    assert toml_lines(found.works, found.subject.stop) == lines


async def test_a_scenario_that_the_kit_would_break_is_told_so(check_sources: CheckSources) -> None:
    """A scenario with a name of the kit's for its own runs as it is, and not at all behind the kit: that is said."""
    found = await check_sources("const SessionBot = {};\n" + shipped_scenario("obedient"))
    assert (found.verdict, found.judgement is not None and found.judgement.with_kit) == (Verdict.stops, Verdict.throws)
    assert not found.kit_helps
    assert any("With the kit in front an error ends it" in each and "SessionBot" in each for each in found.advice)
    fine = await check_sources(shipped_scenario("obedient"))
    assert not any("With the kit" in each for each in fine.advice)


async def test_the_kit_in_front_is_known_and_good(check_sources: CheckSources) -> None:
    """Where the kit is bound, it is what ends a deaf scenario, and that is good."""
    found = await check_sources(kit_source(), shipped_scenario("stuck"))
    assert (found.verdict, found.is_good, found.subject.has_kit) == (Verdict.stops_with_kit, True, True)
    pasted = await check_sources(kit_source() + shipped_scenario("stuck"))
    assert (pasted.verdict, pasted.is_good) == (Verdict.stops_with_kit, True)
    without = await check_sources(kit_source(), shipped_scenario("obedient"))
    assert without.verdict is Verdict.stops


async def test_several_files_have_one_scope(check_sources: CheckSources) -> None:
    """What one scenario of a rule declares, the next one uses."""
    first = "function end() { VoxEngine.terminate(); }"
    assert (await check_sources(first, listens("end();"))).verdict is Verdict.stops


async def test_an_end_of_its_own_is_not_taken_for_a_stop(check_sources: CheckSources) -> None:
    """A scenario that ends itself soon, whatever is sent, does nothing at a stop."""
    source = f"{listens('')}\nsetTimeout(VoxEngine.terminate, 2000);"
    found = await check_sources(source, options=WITHOUT_KIT)
    assert found.verdict is Verdict.does_nothing


async def test_a_stop_within_a_short_life_is_seen(check_sources: CheckSources) -> None:
    """A scenario that lives for two seconds is asked in the middle of them."""
    source = f"{listens('VoxEngine.terminate();')}\nsetTimeout(VoxEngine.terminate, 2000);"
    assert (await check_sources(source)).verdict is Verdict.stops


async def test_a_session_that_only_idles_away_is_not_stopped(check_sources: CheckSources) -> None:
    """Without a call the platform ends a session: that is no stop, also where a stop hangs up the last call."""
    idle = await check_sources("VoxEngine.addEventListener(AppEvents.HttpRequest, () => {});", options=WITHOUT_KIT)
    assert idle.verdict is Verdict.does_nothing
    hangs_up = await check_sources(listens("call.hangup();"), options=WITHOUT_KIT)
    assert hangs_up.verdict is Verdict.does_nothing
    assert "60 s later" in hangs_up.why


async def test_data_decides_what_runs(check_sources: CheckSources) -> None:
    """A scenario that needs data throws without, and stops with it."""
    source = f"const data = JSON.parse(VoxEngine.customData());\n{listens('VoxEngine.terminate();')}"
    assert (await check_sources(source)).verdict is Verdict.throws
    assert (await check_sources(source, options=Options(data='{"number": 1}'))).verdict is Verdict.stops


async def test_the_storage_can_be_filled_before(check_sources: CheckSources) -> None:
    """A scenario that ends without what it reads there is told so, and goes on with another one that puts it there."""
    source = """VoxEngine.addEventListener(AppEvents.Started, async () => {
    const key = await ApplicationStorage.get("KEY");
    if (key === null) return VoxEngine.terminate();
    VoxEngine.callPSTN("+15550100", "+15550199");
    VoxEngine.addEventListener(AppEvents.HttpRequest, VoxEngine.terminate);
});"""
    empty = await check_sources(source)
    assert (empty.verdict, any("storage" in each for each in empty.advice)) == (Verdict.cannot_tell, True)
    filled = await check_sources('ApplicationStorage.put("KEY", "1", 3600);', source)
    assert (filled.verdict, any("storage" in each for each in filled.advice)) == (Verdict.stops, False)


async def test_a_rejection_that_nobody_handles_throws(check_sources: CheckSources) -> None:
    """It ends the session like any other error, and is told as the reason with its line."""
    source = """VoxEngine.addEventListener(AppEvents.Started, async () => {
    const { phone } = JSON.parse(VoxEngine.customData());
    VoxEngine.callPSTN(phone, "+15550199");
});"""
    found = await check_sources(source)
    assert (found.verdict, found.detail.startswith("SyntaxError")) == (Verdict.throws, True)
    assert found.detail.endswith("(a.js line 2)")


async def test_what_else_ends_it_is_told(check_sources: CheckSources) -> None:
    """Any request ends this one, and nothing but its stop ends that one."""
    any_request = await check_sources(shipped_scenario("any-request"))
    assert "Any request ends it, so nothing can be sent to it while it runs." in any_request.advice
    obedient = await check_sources(shipped_scenario("obedient"))
    judged = obedient.judgement
    assert judged is not None
    for question in (Question.data, Question.get, Question.garbage):
        found = judged.of(question)
        assert found is not None
        assert found.effect is Effect.nothing


async def test_a_second_stop_and_an_early_one_are_tried(check_sources: CheckSources) -> None:
    """A stop that comes twice, or before the call connects, can do something else, and that is told."""
    source = listens(
        "if (call.stopped) throw new Error('twice'); call.stopped = true;"
        " if (connected) setTimeout(VoxEngine.terminate, 1000);"
    )
    source = f"let connected = false;\n{source}\nVoxEngine.addEventListener(AppEvents.Started, () =>"
    source += " call.addEventListener(CallEvents.Connected, () => { connected = true; }));"
    found = await check_sources(source)
    assert found.verdict is Verdict.stops
    assert any(each.startswith("The same stop a second time ends it by an error") for each in found.advice)
    assert any(each.startswith("Before its call connects, the stop does this: nothing") for each in found.advice)


async def test_answers_and_seconds_are_told(check_sources: CheckSources) -> None:
    """What the handler returns is there, and the time to the end in the session's own seconds."""
    found = await check_sources(listens("setTimeout(VoxEngine.terminate, 7000); return 'bye';"))
    assert found.judgement is not None
    stop = found.judgement.of(Question.stop)
    assert stop is not None
    assert (stop.answers, stop.live, stop.hung_up) == (("bye",), 1, 0)
    assert stop.seconds == pytest.approx(7)


async def test_the_same_check_has_the_same_result(check_sources: CheckSources) -> None:
    """Two checks of one scenario agree in every outcome: time in them is not the clock's."""
    source = listens("setTimeout(VoxEngine.terminate, 100 + 900 * Math.random());")
    first, second = [await check_sources(source) for _ in range(2)]
    assert first.verdict is second.verdict is Verdict.stops
    assert first == second


async def test_both_variants_are_tried(check_sources: CheckSources) -> None:
    """The table has the stop as it is and with the kit in front."""
    found = await check_sources(shipped_scenario("stuck"))
    assert found.judgement is not None
    as_is = found.judgement.of(Question.stop)
    with_kit = found.judgement.of(Question.stop, Variant.with_kit)
    assert as_is is not None
    assert with_kit is not None
    assert (as_is.effect, with_kit.effect) == (Effect.nothing, Effect.ends)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("module.exports = {};", "module is of Node.js"),
        ("console.log(1);", "console is of browsers"),
        ("shared.start();", "Nothing declares shared"),
    ],
)
async def test_what_nobody_declares_is_named(check_sources: CheckSources, source: str, words: str) -> None:
    """A name of another world, or of another scenario, comes with what to do about it."""
    found = await check_sources(source, options=WITHOUT_KIT)
    assert found.verdict is Verdict.throws
    assert any(each.startswith(words) for each in found.advice)


async def test_a_placeholder_is_called_and_named(check_sources: CheckSources) -> None:
    """A number that is still to be filled in keeps nobody from learning what a stop does."""
    found = await check_sources(listens("VoxEngine.terminate();").replace("+15550100", "YOUR_NUMBER"))
    assert found.verdict is Verdict.stops
    assert "YOUR_NUMBER is no telephone number, and was called as if it were one." in found.advice


async def test_the_wrong_name_of_the_body_is_told(check_sources: CheckSources) -> None:
    """A handler that looks for the body in `data`, which a request's event does not have, learns where it is."""
    hint = "The body of a request is in the event's content; it has no data."
    assert hint in (await check_sources(listens("JSON.parse(e.data);"), options=WITHOUT_KIT)).advice
    assert hint not in (await check_sources(listens("JSON.parse(e.content).data.x;"), options=WITHOUT_KIT)).advice


async def test_what_is_in_no_typings_is_named_with_its_line(check_sources: CheckSources) -> None:
    """A method that the platform does not have is told by its name and its line."""
    found = await check_sources(listens("VoxEngine.stopEverything();"), options=WITHOUT_KIT)
    (unknown,) = [each for each in found.absent if each.is_unknown]
    assert (unknown.name, unknown.script, unknown.line) == ("VoxEngine.stopEverything", "a.js", 3)


async def test_where_it_listens_is_told_by_source_and_run(check_sources: CheckSources) -> None:
    """A handler that only one of the two shows is told from one that both do."""
    both = await check_sources(listens(""))
    (found,) = both.listeners
    assert (found.spot.line, found.in_source, found.registered_s) == (3, True, 0)
    never = await check_sources(f"{DIALS}function later() {{ {listens('')[len(DIALS) :]} }}")
    assert [each.registered_s for each in never.listeners] == [None]
    hidden = await check_sources(
        f"{DIALS}const on = AppEvents; VoxEngine.addEventListener(on['Http' + 'Request'], () => {{}});"
    )
    assert [each.in_source for each in hidden.listeners] == [False]
    late = await check_sources(
        f"{DIALS}setTimeout(() => {{ {listens('VoxEngine.terminate();')[len(DIALS) :]} }}, 9000);"
    )
    assert late.verdict is Verdict.stops
    assert any(each.startswith("Nothing listens in its first 9.0 s") for each in late.advice)
