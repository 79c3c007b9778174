"""`session-bot scenario install` and `uninstall`, at a platform of the sandbox, over HTTP."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.scenario._change import Change, ChangeOptions, carry
from bot.config import load_settings
from bot.sandbox.voximplant import Edit, Error, Hang, Platform, Reset
from bot.sandbox.voximplant._account import Account, Rule
from bot.scenario import KIT_NAME, KIT_VERSION, kit_source, kit_source_with
from tests.scenario.older_kit import OLDER

PLATFORM = "VOXIMPLANT_API_URL", "VOXIMPLANT_ACCOUNT_ID", "VOXIMPLANT_API_KEY", "SSL_CERT_FILE"


class Terminal:
    """A terminal whose settings lead to the platform; `output` is what was printed, line by line."""

    def __init__(self, platform: Platform, environ: dict[str, str], folder: Path, read: Callable[[], str]) -> None:
        self.platform = platform
        self.environ = environ
        self.folder = folder
        self.output: list[str] = []
        self._read = read

    @property
    def account(self) -> Account:
        """The account at the platform."""
        return self.platform.account

    @property
    def changes(self) -> list[str]:
        """The methods that were called and change the account, in their order."""
        return [each.method for each in self.platform.requests if not each.method.startswith("Get")]

    async def does(
        self,
        what: str,
        *names: str,
        yes: bool = True,
        agree: Callable[[str], bool] = lambda _: False,
        **options: Any,
    ) -> int:
        """Install or uninstall, for the named rules or for all; return the exit code."""
        settings = load_settings(self.environ, self.folder, slack=False)
        given = {"dry_run": False, "json": False, **options}
        code = await carry(settings, Change(what), ChangeOptions(names=names or None, yes=yes, **given), agree)
        self.output = self._read().splitlines()
        return code

    def order(self, rule_id: int) -> list[str]:
        """Return the names of a rule's scenarios, in their order."""
        return [each.name for each in self.account.scenarios_of(self.rule(rule_id))]

    def bind(self, rule_id: int, *scenario_ids: int) -> None:
        """Set the scenarios of a rule, as somebody in the control panel would."""
        self.account.put_rule(replace(self.rule(rule_id), scenario_ids=scenario_ids))

    def rule(self, rule_id: int) -> Rule:
        """Return a rule."""
        return next(each for each in self.account.rules if each.rule_id == rule_id)

    def kits(self) -> list[Any]:
        """Return the scenarios of the kit's name."""
        return [each for each in self.account.scenarios.values() if each.name == KIT_NAME]


@pytest.fixture
def terminal(
    platform: Platform, environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Make the rules 1001 to 1005, and 2001 with two scenarios in another application."""
    account = platform.account
    account.add_rule(account.add_application("live"), "stuck", "// a", "// b", rule_id=2001)
    return Terminal(platform, environ, tmp_path, lambda: capsys.readouterr().out)


async def test_a_kit_is_installed_and_installing_it_again_changes_nothing(terminal: Terminal) -> None:
    """One command puts the kit in front in every application, and a second one asks the platform to change nothing."""
    assert await terminal.does("install") == 0
    assert terminal.order(1001) == [KIT_NAME, "obedient"]
    assert terminal.order(2001) == [KIT_NAME, "stuck", "stuck 2"]
    (kit,) = terminal.kits()
    assert (kit.source, kit.application) == (kit_source(), None)
    assert terminal.changes == ["AddScenario", *["BindScenario", "ReorderScenarios"] * 6]
    assert await terminal.does("install") == 0
    assert len(terminal.changes) == 13
    assert terminal.output == ["6 rules have the kit in front.", "Nothing to change."]


async def test_what_will_change_is_said_beforehand(terminal: Terminal) -> None:
    """A dry run names rule, application, and the order before and after, and changes nothing."""
    assert await terminal.does("install", "2001", dry_run=True) == 0
    assert f"Rule stuck (2001) in live: stuck, stuck 2 → {KIT_NAME}, stuck, stuck 2" in terminal.output
    assert terminal.output[-1] == "Nothing was changed: this was a dry run."
    assert terminal.changes == []


async def test_without_a_yes_nothing_is_changed(terminal: Terminal) -> None:
    """Where nobody agrees, and with --json where nobody is asked, nothing is changed, and that is said."""
    asked: list[str] = []
    assert await terminal.does("install", "1001", yes=False, agree=lambda text: bool(asked.append(text))) == 4
    assert terminal.output[-1] == "Nothing was changed; add --yes if it is meant."
    assert await terminal.does("install", "1001", yes=False, json=True, agree=lambda _: True) == 4
    assert (asked, terminal.changes) == (["Change this"], [])
    assert await terminal.does("install", "1001", yes=False, agree=lambda _: True) == 0
    assert terminal.order(1001) == [KIT_NAME, "obedient"]


async def test_an_account_that_changed_while_it_was_asked_is_left_alone(terminal: Terminal) -> None:
    """What was agreed to is done, or nothing: where a rule got another scenario meanwhile, nothing is."""

    def agree(_: str) -> bool:
        terminal.bind(1001, *terminal.rule(2001).scenario_ids)
        return True

    assert await terminal.does("install", "1001", yes=False, agree=agree) == 4
    assert "has changed meanwhile" in terminal.output[-1]
    assert terminal.changes == []


async def test_a_rule_is_named_by_name_alias_or_number(terminal: Terminal) -> None:
    """Each way leads to the rule, once; a name of two rules changes nothing and lists both."""
    (terminal.folder / "session-bot.toml").write_text("[rules.hotline]\nid = 1003\n")
    assert await terminal.does("install", "obedient", "1001", "hotline", "1005") == 0
    assert [terminal.order(each)[0] for each in (1001, 1003, 1005)] == [KIT_NAME] * 3
    assert await terminal.does("install", "1004", "stuck") == 4
    said = "\n".join(terminal.output)
    for part in ("Several rules have that name, so nothing was changed", "demo", "1002", "live", "2001"):
        assert part in said
    assert await terminal.does("install", "nightly") == 4
    assert terminal.order(1004) == ["any-request"]


async def test_an_older_kit_is_updated_with_its_options(terminal: Terminal) -> None:
    """The kit's scenario stays, with a new source and the customer's values in it."""
    kit = terminal.account.add_scenario(KIT_NAME, OLDER.replace("GRACE_SECONDS = 5", "GRACE_SECONDS = 9"))
    terminal.bind(1001, kit.scenario_id, *terminal.rule(1001).scenario_ids)
    assert await terminal.does("install", "1001", "1002") == 0
    (updated,) = terminal.kits()
    assert updated.scenario_id == kit.scenario_id
    assert updated.source == kit_source().replace("GRACE_SECONDS = 5", "GRACE_SECONDS = 9")
    assert (
        f"version 1.0 → {KIT_VERSION}, with its options as they are, for every rule that has it: obedient (1001)."
        in terminal.output[1]
    )
    assert terminal.changes == ["SetScenarioInfo", "BindScenario", "ReorderScenarios"]


async def test_announcing_is_switched_on_and_off(terminal: Terminal) -> None:
    """One option of the command switches it, in a kit that is added and in one that is there; it is said beforehand."""
    assert await terminal.does("install", "1001", announce=True, dry_run=True) == 0
    assert f"version {KIT_VERSION}, with ANNOUNCE = true, is added" in "\n".join(terminal.output)
    assert await terminal.does("install", "1001", announce=True) == 0
    assert "who can read that can stop it" in terminal.output[0]
    (kit,) = terminal.kits()
    assert kit.source == kit_source_with(announce=True)
    assert await terminal.does("install", "1002") == 0
    assert terminal.kits() == [kit]
    assert await terminal.does("install", "1001", announce=False) == 0
    assert "ANNOUNCE = true → false, with its other options as they are" in "\n".join(terminal.output)
    assert "obedient (1001), stuck (1002)" in "\n".join(terminal.output)
    assert terminal.kits()[0].source == kit_source()
    assert await terminal.does("install", "1001", announce=True, json=True) == 0
    assert json.loads("\n".join(terminal.output))["steps"][0]["announce"] is True


async def test_an_older_kit_that_was_changed_by_hand_stays(terminal: Terminal) -> None:
    """Somebody's own lines in an older kit are not written over, and it is said that they are there."""
    kit = terminal.account.add_scenario(KIT_NAME, OLDER.replace("stopping = true;", "stopping = true; mine();"))
    terminal.bind(1001, kit.scenario_id, *terminal.rule(1001).scenario_ids)
    assert await terminal.does("install", "1001") == 0
    assert "was changed by hand" in terminal.output[0]
    assert (terminal.kits(), terminal.changes) == ([kit], [])


async def test_a_customers_scenario_of_that_name_is_not_touched(terminal: Terminal) -> None:
    """A scenario that only has the kit's name keeps its source and its place, and its rule is refused."""
    own = terminal.account.add_scenario(
        KIT_NAME, kit_source() + "VoxEngine.callPSTN('1', '2');", terminal.rule(1001).application
    )
    terminal.bind(1001, own.scenario_id)
    assert await terminal.does("install", "1001") == 4
    assert await terminal.does("uninstall", "1001") == 4
    assert "it is not the kit" in terminal.output[0]
    assert terminal.account.scenarios[own.scenario_id] == own
    assert (terminal.order(1001), terminal.changes) == ([KIT_NAME], [])


async def test_uninstalling_leaves_the_account_as_it_was(terminal: Terminal) -> None:
    """The kit is unbound from the named rules, and deleted with the last of them; orders are as they were before."""
    before = {rule.rule_id: terminal.order(rule.rule_id) for rule in terminal.account.rules}
    await terminal.does("install")
    assert await terminal.does("uninstall", "2001") == 0
    assert (terminal.order(2001), len(terminal.kits())) == (["stuck", "stuck 2"], 1)
    assert await terminal.does("uninstall") == 0
    assert {rule.rule_id: terminal.order(rule.rule_id) for rule in terminal.account.rules} == before
    assert terminal.kits() == []
    assert await terminal.does("uninstall") == 0
    assert terminal.output == ["6 rules have no kit.", "Nothing to change."]


@pytest.mark.parametrize(
    ("method", "fault", "code", "says"),
    [
        ("AddScenario", Error(104, "no"), 4, "with the role Developer"),
        ("BindScenario", Error(104, "no"), 4, "with the role Developer"),
        ("ReorderScenarios", Error(340, "busy"), 4, "too busy"),
        ("BindScenario", Reset(applied=True), 3, "not known whether"),
        ("AddScenario", Reset(applied=True), 3, "not known whether"),
        ("ReorderScenarios", Reset(), 3, "not known whether"),
    ],
)
async def test_what_is_half_done_is_said_and_finished_by_running_it_again(
    terminal: Terminal, method: str, fault: Error | Reset, code: int, says: str
) -> None:
    """After an error in the middle it is said what was done and what was not, and a second run does the rest."""
    terminal.platform.faults.management(method, fault)
    assert await terminal.does("install", "1001", "1002") == code
    said = "\n".join(terminal.output)
    assert says in said
    assert f"{'Perhaps' if code == 3 else 'Not'} done: " in said
    assert "Not done: Rule stuck (1002)" in said
    assert said.endswith("Running it again does what is left.")
    assert await terminal.does("install", "1001", "1002") == 0
    assert [terminal.order(each) for each in (1001, 1002)] == [[KIT_NAME, "obedient"], [KIT_NAME, "stuck"]]
    assert len(terminal.kits()) == 1


async def test_a_role_that_may_not_even_look_is_named(terminal: Terminal) -> None:
    """Where the rules cannot be read, nothing is changed, and one sentence names the role."""
    terminal.platform.faults.management("GetApplications", Error(104, "no"))
    assert await terminal.does("install") == 4
    (line,) = terminal.output
    assert line.startswith("Nothing was changed.")
    assert "role Developer" in line


async def test_a_rule_without_scenarios_is_skipped(terminal: Terminal) -> None:
    """With --all it is said and no failure; named, it is refused."""
    terminal.bind(1001)
    assert await terminal.does("install", dry_run=True) == 0
    assert "Rule obedient (1001) in demo has no scenario, so there is nothing to make stoppable." in terminal.output
    assert await terminal.does("install", "1001") == 4
    assert terminal.changes == []


async def test_an_application_that_cannot_be_read_is_said(terminal: Terminal) -> None:
    """With --all the rules that can be read get the kit; that others cannot is said, and is no success."""
    terminal.platform.faults.management("GetRules", Error(104, "no"), times=1)
    assert await terminal.does("install", dry_run=True) == 4
    assert "could not be read" in terminal.output[0]
    assert sum(line.startswith("Rule ") for line in terminal.output) in {1, 5}


async def test_an_answer_that_is_no_change_is_not_believed(terminal: Terminal) -> None:
    """Where all is accepted and the account does not show it, it is not confirmed."""
    terminal.platform.faults.management("ReorderScenarios", Edit(lambda _: {"result": 1}))
    await terminal.does("install", "2001")

    def hide(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "result": [{**row, "scenarios": row["scenarios"][1:]} for row in answer["result"]]}

    terminal.platform.faults.management("GetRules", Edit(hide), times=4)
    assert await terminal.does("install", "2001") == 3
    assert "does not show all of it yet" in terminal.output[-1]


async def test_an_interrupted_installation_says_what_it_did(terminal: Terminal) -> None:
    """Ctrl-C in the middle says what was done, what perhaps, and what not."""
    terminal.platform.faults.management("BindScenario", Hang())
    work = asyncio.ensure_future(terminal.does("install", "1001", "1002"))
    async with asyncio.timeout(30):
        while "BindScenario" not in terminal.changes:  # noqa: ASYNC110 - the platform sets no event
            await asyncio.sleep(0.01)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    said = terminal._read()
    assert "Done: The kit" in said
    assert "Perhaps done: Rule obedient (1001)" in said
    assert "Not done: Rule stuck (1002)" in said


async def test_scripts_read_one_object(terminal: Terminal) -> None:
    """With --json standard output is one object: steps with their states, the exit code, and what was said."""
    terminal.platform.faults.management("BindScenario", Error(104, "no"))
    assert await terminal.does("install", "1001", "1002", json=True) == 4
    found = json.loads("\n".join(terminal.output))
    assert [(each["step"], each["state"]) for each in found["steps"]] == [
        ("add", "done"),
        ("put first", "not done"),
        ("put first", "not done"),
    ]
    assert found["steps"][1] | {"scenario": 0} == {
        "step": "put first",
        "state": "not done",
        "rule": 1001,
        "name": "obedient",
        "application": "demo",
        "before": ["obedient"],
        "after": [KIT_NAME, "obedient"],
        "scenario": 0,
    }
    assert (found["code"], found["kit"], found["dry_run"]) == (4, str(KIT_VERSION), False)


async def test_no_source_is_shown(terminal: Terminal) -> None:
    """No line shows a source of the customer's, and no key or URL."""
    terminal.account.add_scenario(KIT_NAME, "const pin = 'q7x9';", terminal.rule(1001).application)
    await terminal.does("install", json=True)
    said = "\n".join(terminal.output)
    assert "q7x9" not in said
    assert terminal.account.api_key not in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["install"], "--rule, or choose --all"),
        (["install", "--rule", " "], "or choose --all"),
        (["uninstall", "--all", "--rule", "x"], "no other is named"),
    ],
)
def test_rules_are_named_or_all_are_chosen(arguments: list[str], says: str) -> None:
    """A command line that names no rule, or names one beside --all, does nothing."""
    result = CliRunner().invoke(app, ["scenario", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_rules_are_named_in_either_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`--rule` may stand there several times, and more names may follow it; bad settings end it with code 2."""
    monkeypatch.chdir(tmp_path)
    for name in PLATFORM:
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["scenario", "install", "--rule", "a", "--rule=b", "c", "d", "--dry-run"])
    assert result.exit_code == 2
    assert "VOXIMPLANT_CREDENTIALS" in result.stderr


@pytest.mark.parametrize(("arguments", "announce"), [([], None), (["--announce"], True), (["--no-announce"], False)])
def test_the_kit_is_printed_as_it_is_asked_for(arguments: list[str], announce: bool | None) -> None:  # noqa: FBT001 - the case
    """The kit for those who bind it by hand comes with announcing on or off, like the one that is installed."""
    result = CliRunner().invoke(app, ["scenario", "kit", *arguments])
    assert (result.exit_code, result.stdout) == (0, kit_source_with(announce=announce))
    assert ("const ANNOUNCE = true;" in result.stdout) is bool(announce)
