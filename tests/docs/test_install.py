"""The pages on installing: their files are enough, their lines make what they say, and the first start works."""

import os
import re
import signal
from pathlib import Path

import pytest
import yaml

from bot.config._loading import load_settings
from bot.config._tables import Limits, RuleConfig
from tests.docs.environments import assigned, enough
from tests.docs.pages import fenced, read
from tests.docs.shell import finished, read_until, running

MANIFEST = "session-bot manifest --command /phone > phone.yml"
HTTP = "session-bot manifest --http https://bot.example.com > http.yml"
RUN = "set -a; . ./session-bot.env; set +a"
SANDBOX = "session-bot sandbox --environment sandbox.env"
SANDBOX_RUN = "set -a; . ./sandbox.env; set +a"


def test_its_manifests_are_what_it_says(tmp_path: Path) -> None:
    """The lines that make a manifest, for another command and for HTTP mode, make it."""
    finished(MANIFEST, tmp_path)
    finished(HTTP, tmp_path)
    phone, http = (yaml.safe_load((tmp_path / name).read_text(encoding="utf-8")) for name in ("phone.yml", "http.yml"))
    assert phone["features"]["slash_commands"][0]["command"] == "/phone"
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"


@pytest.mark.parametrize("first_start", [RUN, SANDBOX_RUN])
def test_its_first_start_works_against_its_sandbox(tmp_path: Path, first_start: str) -> None:
    """The lines for the sandbox and for the first start, in two terminals, bring a bot that answers."""
    with running(SANDBOX, tmp_path) as sandbox:
        read_until(sandbox, "end it all")
        if first_start == RUN:  # the settings of step 4, in the file of that name
            (tmp_path / "session-bot.env").write_text((tmp_path / "sandbox.env").read_text(encoding="utf-8"))
        with running(first_start, tmp_path) as bot:
            read_until(bot, "connected to")
            assert sandbox.stdin is not None
            sandbox.stdin.write("/session start obedient\n")
            sandbox.stdin.flush()
            read_until(sandbox, "Started #1 obedient")
            os.killpg(bot.pid, signal.SIGTERM)
            read_until(bot, "stopping")


def test_its_settings_file_is_enough(tmp_path: Path) -> None:
    """The example of a settings file is enough as it stands, beside the credentials, and so it is with its comment."""
    (tmp_path / "service-account.json").touch()
    example = fenced(read("docs/how-to/install.md"), "ini").replace("…", "1")
    assert not load_settings(assigned(example), tmp_path).channels
    assert load_settings(assigned(example.replace("# ", "")), tmp_path).channels == {"C0123456789"}


def test_its_config_file_is_read_without_a_complaint(tmp_path: Path) -> None:
    """The example config is a valid one, and shows every key that a rule or the limits can have."""
    config = fenced(read("docs/how-to/rules.md"), "toml")
    (tmp_path / "session-bot.toml").write_text(config, encoding="utf-8")
    (rule,) = load_settings(enough(), tmp_path).rules
    assert rule.alias == "support"
    shown = set(re.findall(r"^(\w+) =", config, re.MULTILINE))
    assert shown == (set(RuleConfig.model_fields) - {"alias"}) | set(Limits.model_fields)
