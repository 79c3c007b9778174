"""The page on the policy: its examples are read by the settings' own reader, and do what it says."""

import re
from pathlib import Path

import pytest

from bot.access._grants import GrantQuery, any_for_everyone, covering, grantees, rule_names
from bot.config._grants import VERBS, Grant
from bot.config._loading import load_settings
from bot.config._settings import Settings
from bot.ports._policy import Right
from tests.docs.pages import read

LEAST = {"SLACK_BOT_TOKEN": "xoxb-1-a", "SLACK_APP_TOKEN": "xapp-1-a", "VOXIMPLANT_ACCOUNT_ID": "4"}
ENVIRON = {**LEAST, "VOXIMPLANT_API_KEY": "k3y"}
EVERYONE = "everyone"


def page() -> str:
    """Return the page."""
    return read("docs/how-to/policy.md")


def example(folder: Path, title: str) -> Settings:
    """Load the example that stands after this title."""
    found = re.search(rf"\*\*{title}\.\*\*.*?```toml\n(.*?)```", page(), re.DOTALL)
    assert found, title
    (folder / "session-bot.toml").write_text(found[1], encoding="utf-8")
    return load_settings(ENVIRON, folder)


def who(settings: Settings, right: Right, channel: str = "C1", rule: int = 1) -> set[str]:
    """Return who may do this there, with that rule."""
    query = GrantQuery(right=right, channel=channel, rule=rule_names(rule, None, settings.rules))
    given = covering(settings.grants, query)
    return {*grantees(given), *([EVERYONE] if any_for_everyone(given) else [])}


def test_there_are_three_examples() -> None:
    """Three policies stand there, ready to be copied."""
    assert page().count("```toml\n") == 3


def test_its_table_has_every_key_and_every_verb() -> None:
    """Each key of a grant has its row, and each verb that can be granted is named."""
    keys = re.findall(r"^\| `(\w+)` \|", page(), re.MULTILINE)
    assert set(keys) == set(Grant.model_fields)
    row = next(line for line in page().splitlines() if line.startswith("| `verbs` |"))
    assert set(VERBS) <= set(re.findall(r"`(\w+)`", row))


@pytest.mark.parametrize("right", ["look", "start", "send", "stop", "close"])
def test_a_small_team_works_as_without_a_policy(tmp_path: Path, right: str) -> None:
    """Everybody does the everyday things; those on call alone do the rest."""
    settings = example(tmp_path, "A small team")
    assert EVERYONE in who(settings, Right(right))
    for rest in (Right.log, Right.audit, Right.adopt, Right.everywhere):
        assert who(settings, rest) == {"S0ONCALL"}


def test_teams_start_their_own_rules_in_their_own_channels(tmp_path: Path) -> None:
    """Support starts its rule in its channel alone; people on call stop anything, and starts nothing."""
    settings = example(tmp_path, "Teams with channels of their own")
    assert who(settings, Right.start, "C0SUPPORT", 1770571) == {"S0SUPPORT"}
    assert who(settings, Right.start, "C0SUPPORT", 1770572) == set()
    assert who(settings, Right.start, "C0BILLING", 1770571) == set()
    assert who(settings, Right.stop, "C0BILLING", 1770572) == {"S0BILLING", "S0ONCALL"}
    assert who(settings, Right.look, "C9", 5) == {EVERYONE, "S0ONCALL"}


def test_anybody_stops_and_few_start(tmp_path: Path) -> None:
    """Stopping is everybody's, starting that of two people, and nobody adopts."""
    settings = example(tmp_path, "Anybody stops, few start")
    assert who(settings, Right.stop) == {EVERYONE}
    assert who(settings, Right.start) == {"U0ANN", "U0BOB"}
    assert who(settings, Right.adopt) == set()
