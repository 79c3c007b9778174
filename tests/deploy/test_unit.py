"""The unit for systemd: every key is one of systemd's, and the bot comes back whatever ends it."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from bot.life.app._leading import FLUSH_S
from bot.life.app._replica import DRAIN_S
from bot.process import _file_descriptors as descriptors
from bot.slack.inbound import _http as http
from bot.slack.inbound._socket_mode import ANSWERED_WITHIN_S, CLOSING_S
from tests.deploy.files import DEPLOY, ROOT
from tests.docs.test_operate import service as of_one_host

FILE: Final = DEPLOY / "systemd" / "session-bot.service"
DIFFERENT: Final = {"Restart": "always"}


def unit() -> configparser.ConfigParser:
    """Read the unit."""
    found = configparser.ConfigParser(interpolation=None)
    found.optionxform = str  # type: ignore[assignment,method-assign] # systemd tells cases apart
    found.read_string(FILE.read_text(encoding="utf-8"))
    return found


def verified(tmp_path: Path, text: str) -> str:
    """Return what systemd says of a unit; it wants the program to be there."""
    path = tmp_path / FILE.name
    program = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert program is not None
    path.write_text(text.replace(program[1], sys.executable), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr  # noqa: S603 - our own words


def test_systemd_knows_every_key(tmp_path: Path) -> None:
    """Each key is known; where systemd is installed, it says so itself, and of a misspelt one that it is ignored."""
    text = FILE.read_text(encoding="utf-8")
    names = re.findall(r"^(\w+)=", text, re.MULTILINE)
    assert len(names) == len(set(names))
    if shutil.which("systemd-analyze"):
        assert verified(tmp_path, text) == ""
        assert "Unknown key" in verified(tmp_path, text.replace("ProtectHome", "ProtectHoem"))


def test_it_is_the_unit_of_one_host_made_harder() -> None:
    """What stands in the unit of one host stands here, too, but it is started again whatever ended it."""
    of_many = dict(unit()["Service"])
    of_one = {name: value for name, value in of_one_host().items() if name != "restartpreventexitstatus"}
    here = {name.lower(): value for name, value in of_many.items()}
    assert {name: here[name] for name in of_one} == of_one | {name.lower(): each for name, each in DIFFERENT.items()}
    assert unit()["Unit"]["StartLimitIntervalSec"] == "0"
    documentation = unit()["Unit"]["Documentation"].removeprefix("file:///opt/session-bot/")
    assert (ROOT / documentation).is_file()


def test_it_gives_the_time_and_the_descriptors_that_the_bot_needs() -> None:
    """The time to end is longer than the drain."""
    drains_s = max(ANSWERED_WITHIN_S + CLOSING_S, http._CLOSING_S) + DRAIN_S + FLUSH_S
    assert unit()["Service"].getfloat("TimeoutStopSec") > drains_s
    assert unit()["Service"].getint("LimitNOFILE") == descriptors.ENOUGH
