"""The pages on operating: their unit finds its files, their backup can be run on, and their numbers are the code's."""

import configparser
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from bot.cli._exit_codes import ExitCode
from bot.config._loading import load_settings
from bot.life.app._leading import FLUSH_S
from bot.life.app._replica import DRAIN_S
from bot.process import _file_descriptors as descriptors
from bot.process.ops import _server as ops
from bot.process.ops._listener import ClientTimeouts
from bot.slack.inbound import _http as http
from bot.slack.inbound._socket_mode import ANSWERED_WITHIN_S, CLOSING_S
from storage.sealing import load_or_make_keys
from storage.store import Store
from tests.docs.environments import assigned, enough
from tests.docs.pages import fenced, read
from tests.docs.shell import finished

SERVICE = "sudo useradd --system --user-group --no-create-home --home-dir /var/lib/session-bot session-bot"
BACKUP = "umask 077"
KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'

SUDO = """#!{python}
# Does as told, with a directory for the machine: who becomes a user, and who owns what, is written down.
import subprocess, sys
tool, *rest = sys.argv[1:]
if tool == "useradd":
    open("{machine}/users", "a").write(rest[-1] + "\\n")
elif tool == "install":
    owner, group = (rest.pop(rest.index(each) + 1) for each in ("-o", "-g"))
    open("{machine}/owners", "a").write(owner + ":" + group + "\\n")
    rest = ["{machine}" + each if each.startswith("/") else each for each in rest if each not in ("-o", "-g")]
    sys.exit(subprocess.run(["install", *rest]).returncode)
else:
    sys.exit("what is " + tool + "?")
"""


async def test_its_backup_can_be_run_on(tmp_path: Path) -> None:
    """The copies that its backup makes are a database and a key of the bot's, closed to others."""
    key = load_or_make_keys(tmp_path / "session-bot.db.key")
    store = Store(tmp_path / "session-bot.db")
    await store.open()
    try:
        finished(BACKUP, tmp_path)
    finally:
        await store.close()
    copies = (tmp_path / "backup.db", tmp_path / "backup.db.key")
    assert all(copy.stat().st_mode & 0o077 == 0 for copy in copies)
    assert load_or_make_keys(copies[1]) == key
    restored = Store(copies[0])
    await restored.open()  # raises, if it is not one of ours or lacks a trigger
    await restored.close()


def test_its_new_key_is_one(tmp_path: Path) -> None:
    """The line that makes a key makes one that the setting takes, beside the old one."""
    new, old = finished(KEY, tmp_path).strip(), Fernet.generate_key().decode()
    keys = load_settings(enough() | {"SESSION_BOT_SECRET_KEY": f"{new},{old}"}, tmp_path).secret_keys
    assert [key.get_secret_value() for key in keys] == [new, old]


def test_its_service_finds_what_is_made_for_it(tmp_path: Path) -> None:
    """The lines before the unit make its user, its directory and its files there, where the unit looks for them."""
    unit = service()
    install = read("docs/how-to/install.md")
    clone, machine, tools = (tmp_path / name for name in ("clone", "machine", "tools"))
    for each in (clone, machine / "var/lib", tools):
        each.mkdir(parents=True)
    (clone / "session-bot.env").write_text(fenced(install, "ini").replace("…", "1"), encoding="utf-8")
    (clone / "service-account.json").write_text("{}", encoding="utf-8")
    (tools / "sudo").write_text(SUDO.format(python=sys.executable, machine=machine), encoding="utf-8")
    (tools / "sudo").chmod(0o700)
    finished(SERVICE, clone, tools)
    assert (machine / "users").read_text(encoding="utf-8").split() == [unit["User"]]
    assert set((machine / "owners").read_text(encoding="utf-8").split()) == {f"{unit['User']}:{unit['User']}"}
    there = machine / unit["WorkingDirectory"].lstrip("/")
    assert unit["WorkingDirectory"] == f"/var/lib/{unit['StateDirectory']}"
    assert there.stat().st_mode & 0o777 == int(unit["StateDirectoryMode"], 8)
    environment = machine / unit["EnvironmentFile"].lstrip("/")
    settings = load_settings(assigned(environment.read_text(encoding="utf-8")), there)
    assert settings.voximplant_credentials == there / "service-account.json"
    assert {each.stat().st_mode & 0o777 for each in there.iterdir()} == {0o600}
    assert f"`{Path(unit['ExecStart']).parents[2]}`, where its unit looks" in install


def test_its_service_knows_the_bot() -> None:
    """The unit runs our command, gives it time to drain, and does not start again what only a person can mend."""
    unit = service()
    assert unit["ExecStart"].endswith("/.venv/bin/session-bot run")
    drains_s = max(ANSWERED_WITHIN_S + CLOSING_S, http._CLOSING_S) + DRAIN_S + FLUSH_S
    assert unit.getfloat("TimeoutStopSec") > drains_s
    assert unit.getint("RestartPreventExitStatus") == ExitCode.nothing_done
    assert f"up to {drains_s:g} s" in " ".join(read("docs/how-to/operate.md").split())
    assert unit.getint("LimitNOFILE") == descriptors.ENOUGH


def test_its_numbers_for_crowds_are_the_ports() -> None:
    """Its room and its time for a client are those of the ports."""
    text = " ".join(read("docs/how-to/operate.md").split())
    assert f"({ops.ROOM} for operations, {http.ROOM} in HTTP mode)" in text
    assert f"{ClientTimeouts().head:g} s for its head and {ClientTimeouts().body:g} s for its body" in text
    assert f"{descriptors.ENOUGH:,}" in text
    assert f"It needs {descriptors.TOO_FEW:,}," in text


def service() -> configparser.SectionProxy:
    """Read the unit's service."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(fenced(read("docs/how-to/operate.md"), "ini"))
    return unit["Service"]
