"""The compose file fits the schema of the Compose specification, and the code."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
import yaml

from bot.config import setting_descriptions
from bot.config._settings import Settings
from bot.life.app._leading import FLUSH_S
from bot.life.app._replica import DRAIN_S
from bot.slack.inbound._socket_mode import ANSWERED_WITHIN_S, CLOSING_S
from tests.deploy.files import DEPLOY, ROOT, Object, changed, documents, settings_named

FILE: Final = DEPLOY / "compose.yaml"
FREE: Final = {("services",), ("networks",), ("volumes",), ("secrets",)}
"""Mappings whose names are the writer's own; there a string is no service, network, volume or secret."""


@pytest.fixture
def compose() -> Object:
    """Return the file, read."""
    (found,) = documents(FILE)
    return found


def judged(*files: Path) -> subprocess.CompletedProcess[str]:
    """Check files by the schema of the Compose specification, which comes with the tool."""
    words = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, files)]
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)  # noqa: S603 - our own words


def test_it_fits_the_schema() -> None:
    """The file is one that the specification takes."""
    ended = judged(FILE)
    assert ended.returncode == 0, ended.stdout


def test_an_unknown_field_fails_wherever_it_stands(compose: Object, tmp_path: Path) -> None:
    """A field that the specification does not know is found in every part but the environment, whose names are free."""
    files = {}
    for number, (place, each) in enumerate(changed(compose)):
        if place[-1:] != ("environment",):
            files[place] = tmp_path / f"{number}.yaml"
            files[place].write_text(yaml.safe_dump(each), encoding="utf-8")
    assert len(files) > 10
    said = judged(*files.values()).stdout
    assert [place for place, file in files.items() if f"{file}::" not in said] == []


def test_its_settings_are_the_bots(compose: Object) -> None:
    """The variables are settings; the address has no password, which the settings file holds."""
    assert settings_named(FILE.read_text(encoding="utf-8")) <= setting_descriptions().keys()
    environment = compose["services"]["session-bot"]["environment"]
    assert environment.keys() <= setting_descriptions().keys()
    assert environment["SESSION_BOT_DATABASE"] == "postgresql://session_bot@database/session_bot"
    assert "database" in compose["services"]


def test_nothing_is_open_to_other_machines(compose: Object) -> None:
    """The operations ports are published on 127.0.0.1, one for each replica, and the database on none."""
    replicas = compose["services"]["session-bot"]
    (port,) = replicas["ports"]
    first, last, inside = map(int, re.fullmatch(r"127\.0\.0\.1:(\d+)-(\d+):(\d+)", port).groups())  # type: ignore[union-attr]
    assert last - first + 1 == replicas["deploy"]["replicas"]
    assert inside == Settings.model_construct().ops_port
    assert f"127.0.0.1:{inside}/readyz" in replicas["healthcheck"]["test"][-1]
    assert "ports" not in compose["services"]["database"]
    assert compose["networks"]["database"]["internal"] is True


def test_its_files_are_there_or_are_kept_out_of_the_repository(compose: Object) -> None:
    """A file that it mounts or builds is there; a secret's lies where git does not see it."""
    replicas, database = compose["services"]["session-bot"], compose["services"]["database"]
    assert (DEPLOY / replicas["build"]["context"] / replicas["build"]["dockerfile"]).is_file()
    mounts = [each.split(":")[0] for each in database["volumes"] if each.startswith(".")]
    assert mounts
    assert all((DEPLOY / each).is_file() for each in mounts)
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"/deploy/{replicas['env_file']}" in ignored
    for each in compose["secrets"].values():
        assert each["file"].startswith("secrets/")
    assert "/deploy/secrets/" in ignored
    used = {name for each in compose["services"].values() for name in each["secrets"]}
    assert used == compose["secrets"].keys()
    assert replicas["environment"]["VOXIMPLANT_CREDENTIALS"].removeprefix("/run/secrets/") in replicas["secrets"]


def test_it_is_given_the_time_to_drain(compose: Object) -> None:
    """The time to end is longer than the drain."""
    drains_s = ANSWERED_WITHIN_S + CLOSING_S + DRAIN_S + FLUSH_S
    assert float(compose["services"]["session-bot"]["stop_grace_period"].removesuffix("s")) > drains_s
