"""The verdict on scenarios that are dropped onto the demo's page: that of `session-bot scenario check`."""

from bot.cli.demo._check import check_scenarios
from bot.sandbox.page import ScenarioFile
from bot.sandbox.voximplant import shipped_scenario


async def test_the_verdict_is_that_of_the_check() -> None:
    """The first line is the verdict, and below it stands what it rests on."""
    text = await check_scenarios([ScenarioFile(name="stuck", source=shipped_scenario("stuck"))])
    first, *rest = text.splitlines()
    assert first.startswith("stops with the kit: ")
    assert any("stuck.js" in line for line in rest)
    assert "This is the simulator's word, not the platform's." in text


async def test_the_lines_of_several_scenarios_are_told_apart() -> None:
    """A mistake that only the scenarios together have is named with its scenario and its line."""
    files = [ScenarioFile(name=name, source="const shared = 1;\n") for name in ("one", "two")]
    text = await check_scenarios(files)
    assert text.startswith("throws: ")
    assert "two.js" in text
