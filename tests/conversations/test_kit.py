"""Which rules have the kit, as people in Slack and the doctor are told."""

from dataclasses import replace

import pytest

from bot.cli.doctor._doctor import examine
from bot.cli.doctor._findings import Finding, Level
from bot.cli.scenario._change import Change, ChangeOptions, carry
from bot.config import load_settings
from bot.sandbox.voximplant import Error
from bot.scenario import KIT_NAME, KIT_VERSION, kit_source, kit_source_with
from tests.scenario.older_kit import OLDER

from .conftest import World


def bind(world: World, rule_id: int, source: str, *, first: bool = True) -> None:
    """Bind a scenario of the kit's name to a rule, in front of the others or behind them."""
    account = world.platform.account
    kit = account.add_scenario(KIT_NAME, source).scenario_id
    rule = next(each for each in account.rules if each.rule_id == rule_id)
    ids = (kit, *rule.scenario_ids) if first else (*rule.scenario_ids, kit)
    account.put_rule(replace(rule, scenario_ids=ids))


async def examined(world: World) -> Finding:
    """Return the doctor's finding about the kit."""
    findings = await examine(load_settings(world.environ, world.folder), world.clock, world.environ)
    (one,) = [each for each in findings if each.what == "kit"]
    return one


async def test_rules_say_which_have_the_kit(world: World) -> None:
    """A rule's line says that it has the kit, of which version, and what is wrong with it; the others' says nothing."""
    bind(world, 1001, kit_source())
    bind(world, 1002, OLDER, first=False)
    bind(world, 1003, "VoxEngine.terminate();")
    told = await world.says(world.ann, "rules", expect=f"rule 1001, has the kit {KIT_VERSION}\n")
    assert f"rule 1002, has the kit 1.0, older than {KIT_VERSION}, not in front\n" in told.text
    assert "rule 1003\n" in told.text


async def test_rules_and_the_doctor_say_whose_sessions_announce_themselves(world: World) -> None:
    """Where announcing is switched on in the kit, the rule's line says so, and the doctor counts such rules."""
    bind(world, 1001, kit_source_with(announce=True))
    bind(world, 1002, kit_source())
    told = await world.says(world.ann, "rules", expect=f"has the kit {KIT_VERSION}, announces its sessions\n")
    assert told.text.count("announces") == 1
    assert (await examined(world)).says.endswith("Sessions announce themselves in 1 of those that have it.")


async def test_a_kit_that_cannot_be_read_has_no_version(world: World) -> None:
    """Rules are shown where the kit's source cannot be read; read later, it has its version."""
    bind(world, 1001, kit_source())
    world.platform.faults.management("GetScenarios", Error(104, "no"))
    await world.says(world.ann, "rules", expect="rule 1001, has the kit\n")
    await world.says(world.ann, "rules obedient", expect=f"rule 1001, has the kit {KIT_VERSION}")
    asked = [each.method for each in world.platform.requests].count("GetScenarios")
    await world.says(world.ann, "rules obed", expect=f"rule 1001, has the kit {KIT_VERSION}")
    assert [each.method for each in world.platform.requests].count("GetScenarios") == asked


@pytest.mark.parametrize(
    ("rules", "level", "says"),
    [
        ([], Level.ok, "No rule has it. So it is up to the scenario what a stop does."),
        ([1001], Level.ok, "1 of 5 rules have it in front. In the others it is up to the scenario"),
        ([1001, 1002, 1003, 1004, 1005], Level.ok, "5 of 5 rules have it in front."),
    ],
)
async def test_the_doctor_counts_the_rules_with_the_kit(
    world: World, rules: list[int], level: Level, says: str
) -> None:
    """The doctor says how many rules have the kit, and what follows for the others."""
    for rule_id in rules:
        bind(world, rule_id, kit_source())
    finding = await examined(world)
    assert finding.level is level
    assert finding.says.startswith(says)


async def test_the_doctor_names_rules_whose_kit_is_older_or_not_in_front(world: World) -> None:
    """An older kit, or one behind another scenario, is a warning that names the rule and the command."""
    bind(world, 1001, OLDER)
    bind(world, 1002, kit_source(), first=False)
    bind(world, 1003, kit_source())
    finding = await examined(world)
    assert finding.level is Level.warning
    assert "obedient (1001), stuck (1002): run `session-bot scenario install`" in finding.says


async def test_a_stuck_rule_is_mended_by_one_command(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """After the installation a stop ends a session whose scenario listens to nobody, and one from before runs on."""
    await world.started("stuck")
    settings = load_settings(world.environ, world.folder, slack=False)
    options = ChangeOptions(names=("stuck",), dry_run=False, yes=True, json=False)
    assert await carry(settings, Change.install, options) == 0
    assert "Done." in capsys.readouterr().out
    await world.says(world.bob, "start stuck", expect="Started #2")
    await world.says(world.bob, "stop 2 wrong number", expect="Confirmed: #2")
    before, after = world.platform.sessions.values()
    assert before.running
    assert (after.finish_reason, after.live_calls) == ("Normal termination", 0)
    assert any(line.startswith("session-bot: stopping, ") for line in after.log)
