"""The README, held against the code: what it names exists, and its examples run."""

import dataclasses
import re
import ssl
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from bot.cli import app
from bot.sandbox.certificates import Certificates
from bot.sandbox.voximplant import Platform
from bot.settings import RuleConfig, Settings, load
from bot.slack.cards import state_in_words
from bot.verbs import VERBS
from storage.records import Session, State

ROOT = Path(__file__).parents[1]
STOP = b'{"command": "stop"}'


@pytest.fixture
def readme() -> str:
    """Read the README."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_settings_table_is_the_settings(readme: str) -> None:
    """Every setting stands in the table in its own words, with its default, and nothing else does."""
    fields = [field for field in Settings.model_fields.values() if field.validation_alias]
    expected = [f"| `{field.validation_alias}` | {field.description} | {default_of(field)} |" for field in fields]
    assert rows(readme, "| variable | meaning | default |") == expected


def test_the_commands_table_is_the_table_of_verbs(readme: str) -> None:
    """Every verb stands there with the usage and the summary that `help` gives, and nothing else does."""
    escaped = [(verb.usage.replace("|", "\\|"), verb.summary) for verb in VERBS]
    expected = [f"| `/session {usage}` | {summary} |" for usage, summary in escaped]
    assert rows(readme, "| command | what it does |") == expected


def test_every_word_a_card_can_say_is_explained(readme: str) -> None:
    """The states are explained by the words that people read on a card; no command closes a record yet."""
    blank = Session(**dict.fromkeys(field.name for field in dataclasses.fields(Session)))  # type: ignore[arg-type]
    now = datetime.now(UTC)
    painted = [
        *(dataclasses.replace(blank, state=state) for state in State if state is not State.abandoned),
        dataclasses.replace(blank, state=State.running, stop_asked_at=now),
        dataclasses.replace(blank, state=State.stopping, unconfirmed_at=now),
    ]
    explained = [row.split("|")[1].strip() for row in rows(readme, "| the card says | it means |")]
    assert sorted(explained) == sorted(state_in_words(session) for session in painted)


def test_every_command_line_it_names_exists(readme: str) -> None:
    """What it tells people to run is a command of ours with that option, or a target of the Makefile."""
    commands = re.findall(r"`session-bot ([a-z]+)(?: (--[a-z]+))?`", readme)
    targets = re.findall(r"(?:^    |`)make ([a-z]+)", readme, re.MULTILINE)
    assert commands
    assert targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    for command, option in commands:
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert shown.exit_code == 0, command
        assert option in shown.output


def test_its_links_lead_somewhere(readme: str) -> None:
    """Every link to a file of ours has that file at its end."""
    linked = [target for target in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in target]
    assert linked
    assert all((ROOT / target).is_file() for target in linked)


def test_its_config_file_is_read_without_a_complaint(readme: str, tmp_path: Path) -> None:
    """The example config is a valid one, and shows every key that a rule can have."""
    config = fenced(readme, "toml")
    (tmp_path / "session-bot.toml").write_text(config, encoding="utf-8")
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "VOXIMPLANT_ACCOUNT_ID": "1",
        "VOXIMPLANT_API_KEY": "key",
    }
    (rule,) = load(environ, tmp_path).rules
    assert rule.alias == "support"
    assert set(re.findall(r"^(\w+) =", config, re.MULTILINE)) >= set(RuleConfig.model_fields) - {"alias"}


async def test_its_scenario_stops_when_told_and_only_then(readme: str) -> None:
    """The example scenario survives what is not for it, and a stop ends its session normally."""
    certificates = Certificates()
    tls = ssl.create_default_context(cadata=certificates.ca_pem.decode("ascii"))
    async with (
        Platform(certificates) as platform,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http,
    ):
        account = platform.account
        rule = account.add_rule(account.applications[0], "readme", fenced(readme, "js"))
        form = {"account_id": account.account_id, "api_key": account.api_key, "rule_id": rule.rule_id}
        async with http.post(f"{platform.api_url}/StartScenarios", data=form) as answer:
            url = (await answer.json())["media_session_access_secure_url"]
        (session,) = platform.sessions.values()
        for body in (b"no json", b'{"say": "hello"}'):
            async with http.post(url, data=body) as answer:
                assert answer.status == 200
        assert session.running
        async with http.post(url, data=STOP) as answer:
            assert answer.status == 200
        await session.closed()
        assert session.finish_reason == "Normal termination"


def rows(readme: str, head: str) -> list[str]:
    """Give the rows of the table with this head."""
    _, _, below = readme.partition(f"{head}\n")
    assert below, f"there is no table {head}"
    return below.partition("\n\n")[0].splitlines()[1:]


def default_of(field: FieldInfo) -> str:
    """Write a default as the table does; a dash where there is none."""
    default = field.default
    if field.is_required() or default in (None, (), frozenset()):
        return "–"
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def fenced(readme: str, language: str) -> str:
    """Give the one example in this language."""
    (example,) = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
    return str(example)
