"""`scenario check --rule` and `--all`, at a platform of the sandbox, over HTTP: sources are read and not kept."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.cli.scenario.check import Options
from bot.cli.scenario.check._command import _check_account
from bot.config import load_settings
from bot.sandbox.voximplant import Error, Platform
from bot.sandbox.voximplant._account import shipped_scenario
from bot.scenario import kit_source
from storage import scenario_checks
from storage.scenario_checks import ScenarioCheck, Verdict, fingerprint, stop_digest
from storage.store import Store

STOP = stop_digest(b'{"command": "stop"}', "application/json")
WORD = """
VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("+15550100", "1"));
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => { if (e.content === "0") VoxEngine.terminate(); });
"""


class Terminal:
    """A terminal whose settings lead to the platform; `printed` and `errors` are what the last command wrote."""

    def __init__(self, platform: Platform, environ: dict[str, str], folder: Path, read: Callable[[], Any]) -> None:
        self.platform = platform
        self.environ = environ
        self.folder = folder
        self.printed = self.errors = ""
        self._read = read

    async def checks(self, *names: str, **options: Any) -> int:
        """Check the named rules, or all; return the exit code."""
        settings = load_settings(self.environ, self.folder, slack=False)
        code = await _check_account(settings, names or None, Options(**options))
        read = self._read()
        self.printed, self.errors = read.out, read.err
        return code

    async def rows(self, *names: str, **options: Any) -> dict[int, Any]:
        """Check the named rules, or all; return the rows of the JSON by the rules' numbers."""
        await self.checks(*names, json=True, **options)
        return {row["rule_id"]: row for row in json.loads(self.printed)["rules"]}

    async def kept(self, rule_id: int, stop: str = STOP) -> ScenarioCheck | None:
        """Return the check that is kept of a rule as it is now."""
        account = self.platform.account
        rule = next(each for each in account.rules if each.rule_id == rule_id)
        scenarios = [(each.scenario_id, each.modified.replace(microsecond=0)) for each in account.scenarios_of(rule)]
        store = Store(Path(self.environ["SESSION_BOT_DATABASE"]))
        await store.open()
        try:
            return await store.read(lambda db: scenario_checks.of_rule(db, rule_id, fingerprint(scenarios), stop))
        finally:
            await store.close()


@pytest.fixture
async def terminal(
    platform: Platform, environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Make a database, and the rules obedient (1001), stuck (1002), and one without a scenario (1003)."""
    account = platform.account
    del account.rules[3:]
    account.put_rule(replace(account.rules[2], scenario_ids=()))
    store = Store(Path(environ["SESSION_BOT_DATABASE"]))
    await store.open()
    await store.close()
    return Terminal(platform, environ, tmp_path, capsys.readouterr)


async def test_the_whole_account_is_one_table(terminal: Terminal) -> None:
    """Each rule has a row, also one that cannot be checked, the kit is offered, and nothing is changed or started."""
    assert await terminal.checks() == 1
    first, *_ = terminal.printed.splitlines()
    assert first == "1 of 3 rules would stop."
    assert "obedient (1001)" in terminal.printed
    assert "it has no scenario" in terminal.printed
    assert "session-bot scenario install --rule stuck" in terminal.printed
    assert "simulator's word" in terminal.printed
    assert {each.method for each in terminal.platform.requests} <= {"GetApplications", "GetRules", "GetScenarios"}


async def test_one_rule_has_its_whole_report(terminal: Terminal) -> None:
    """A rule that is named is shown like files, and its exit code is its verdict."""
    assert await terminal.checks("obedient") == 0
    assert '{"command": "stop"}, its stop' in terminal.printed


async def test_scenarios_run_in_the_rules_order_with_its_own_stop(terminal: Terminal) -> None:
    """The kit is known where it is bound, and the stop is that of session-bot.toml."""
    account = terminal.platform.account
    demo = account.applications[0]
    account.add_rule(demo, "with kit", kit_source(), shipped_scenario("stuck"), rule_id=2001)
    account.add_rule(demo, "word", WORD, rule_id=2002)
    assert await terminal.checks("2001") == 0
    assert await terminal.checks("2002") == 1
    assert 'stop = "0"' in terminal.printed
    (terminal.folder / "session-bot.toml").write_text('[rules.word]\nid = 2002\nstop = "0"\n')
    assert await terminal.checks("word") == 0


async def test_what_is_to_be_pasted_is_a_table_of_the_settings(terminal: Terminal) -> None:
    """The lines for a rule without a table are pasted as they stand; those for one that has a table, below it."""
    account = terminal.platform.account
    demo = account.applications[0]
    for rule_id, name in ((2001, "one"), (2002, "two words"), (2003, "one"), (2004, "hotline")):
        account.add_rule(demo, name, WORD, rule_id=rule_id)
    file = terminal.folder / "session-bot.toml"
    file.write_text('[rules.hotline]\nid = 2004\nstop = "9"\n')
    assert await terminal.checks("2001", "2002", "2003", "2004") == 1
    assert "install --rule 2001 --rule 'two words' --rule 2003 --rule hotline" in terminal.printed
    pasted = terminal.printed.partition("Paste into session-bot.toml:")[2].partition("Bind")[0]
    new, below, stop = pasted.partition("# under [rules.hotline]")
    assert (below, stop.strip()) == ("# under [rules.hotline]", 'stop = "0"')
    file.write_text(f"[rules.hotline]\nid = 2004\n{stop.strip()}\n{new}")
    assert await terminal.checks("2001", "2002", "2003", "hotline") == 0


async def test_what_was_learnt_is_kept_by_digests(terminal: Terminal) -> None:
    """Verdicts stand in the rows, and can be looked up by the rules as they are; the database holds no source."""
    rows = await terminal.rows()
    assert [row["verdict"] for row in rows.values()] == ["stops", "stops with the kit", "cannot tell"]
    obedient, stuck = await terminal.kept(1001), await terminal.kept(1002)
    assert obedient is not None
    assert stuck is not None
    assert (obedient.verdict, obedient.listens) == (Verdict.stops, True)
    assert (stuck.verdict, stuck.is_deaf, stuck.kit_helps) == (Verdict.stops_with_kit, True, True)
    assert await terminal.kept(1003) is None
    account = terminal.platform.account
    changed = account.scenarios_of(account.rules[1])[0]
    account.put_scenario(replace(changed, modified=changed.modified.replace(year=2020)))
    assert await terminal.kept(1002) is None
    for file in terminal.folder.glob("session-bot.db*"):
        assert b"addEventListener" not in file.read_bytes()


async def test_a_database_that_cannot_be_written_costs_no_table(terminal: Terminal) -> None:
    """The table is printed all the same, and a line says that nothing was kept."""
    terminal.environ["SESSION_BOT_DATABASE"] = str(terminal.folder / "missing.db")
    assert await terminal.checks("obedient") == 0
    assert "Nothing was kept: there is no database" in terminal.printed
    assert not (terminal.folder / "missing.db").exists()
    (terminal.folder / "other.db").write_bytes(b"no database at all" * 100)
    terminal.environ["SESSION_BOT_DATABASE"] = str(terminal.folder / "other.db")
    assert await terminal.checks("obedient") == 0
    assert "Nothing was kept in" in terminal.printed


async def test_the_same_sources_are_checked_once(terminal: Terminal) -> None:
    """Two rules with one scenario have one source, which is read once, and the same verdict."""
    account = terminal.platform.account
    twin = account.add_rule(account.applications[0], "twin", rule_id=2001)
    account.put_rule(replace(twin, scenario_ids=account.rules[0].scenario_ids))
    rows = await terminal.rows("1001", "2001")
    assert rows[1001]["verdict"] == rows[2001]["verdict"] == "stops"
    reads = [each for each in terminal.platform.requests if each.parameters.get("with_script") == "true"]
    assert len(reads) == 1


async def test_a_scenario_that_cannot_be_read_is_one_row(terminal: Terminal) -> None:
    """Where the platform refuses one source, its rule cannot be told and the others are."""
    terminal.platform.faults.management("GetScenarios", Error(116, "no such scenario"))
    rows = await terminal.rows()
    verdicts = sorted(row["verdict"] for row in rows.values())
    assert verdicts.count("cannot tell") == 2
    assert any("could not be read" in row["why"] for row in rows.values())


async def test_a_role_that_does_not_suffice_is_one_sentence(terminal: Terminal) -> None:
    """Without the role nothing is checked, and the sentence names the role."""
    terminal.platform.faults.management("GetScenarios", Error(104, "no role"), times=100)
    assert await terminal.checks() == 4
    (line,) = terminal.errors.splitlines()
    assert "needs the role Developer" in line
    assert terminal.printed == ""


async def test_an_unknown_rule_is_refused(terminal: Terminal) -> None:
    """A name that is no rule's checks nothing."""
    assert await terminal.checks("stuk") == 4
    assert "Nothing was checked" in terminal.errors
