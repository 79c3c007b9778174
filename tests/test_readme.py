"""The README, held against the code: what it names exists, what it quotes is said, and its examples run."""

import ast
import configparser
import contextlib
import dataclasses
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import typer.main
import yaml
from cryptography.fernet import Fernet
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from bot.cli import EXIT_SETTINGS, app
from bot.cli.terminal._verbs import USAGES
from bot.config._settings import Limits, RuleConfig, Settings, load
from bot.life._app import DRAIN_S, FLUSH_S
from bot.network._listener import Patience
from bot.ops import _ops as ops
from bot.ports._session_words import in_words, sign
from bot.process import _file_descriptors as descriptors
from bot.sandbox._certificates import Certificates
from bot.sandbox.voximplant import Platform, default_account
from bot.slack.inbound import _http as http
from bot.slack.inbound._socket_mode import ANSWERED_WITHIN_S, CLOSING_S
from bot.verbs import VERBS
from storage.records import Session, State
from storage.sealing import load_or_make_key
from storage.store import Store
from tests.conversations.conftest import MakeWorld

ROOT = Path(__file__).parents[1]
STOP = b'{"command": "stop"}'

SETUP = "make setup"  # run by CI: every target of the Makefile begins with it
MANIFEST = "session-bot manifest --command /phone > phone.yml"
HTTP = "session-bot manifest --http https://bot.example.com > http.yml"
RUN = "set -a; . ./session-bot.env; set +a"
SANDBOX = "session-bot sandbox --environment sandbox.env"
SANDBOX_RUN = "set -a; . ./sandbox.env; set +a"
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


def test_the_table_of_the_terminal_is_its_verbs(readme: str) -> None:
    """Every verb that there is at a terminal stands there, as it is typed, and no other."""
    typed = [row.split(" | ")[0] for row in rows(readme, "| at the terminal | what it does |")]
    assert typed == [f"| `session-bot {usage}`" for usage in USAGES.values()]
    made = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    others = {"run", "demo", "sandbox", "manifest", "doctor", "audit"}
    assert made.keys() - others == USAGES.keys()


def test_every_word_a_card_can_say_is_explained(readme: str) -> None:
    """The states, and what is said of those that last too long, are explained in the signs and words of the card."""
    blank = Session(**dict.fromkeys(field.name for field in dataclasses.fields(Session)))  # type: ignore[arg-type]
    now = datetime.now(UTC)
    painted = [
        *(dataclasses.replace(blank, state=state) for state in State),
        dataclasses.replace(blank, state=State.running, stop_asked_at=now),
        dataclasses.replace(blank, state=State.stopping, unconfirmed_at=now),
    ]
    said = [f"{sign(session)} {in_words(session)}" for session in painted]
    for too_long in ("expect_told_at", "over_max_at"):
        late = dataclasses.replace(blank, state=State.running, **{too_long: now})
        said.append(f"{sign(late)} {in_words(late)}".replace("running", "…"))
    explained = [row.split("|")[1].strip() for row in rows(readme, "| the card says | it means |")]
    assert sorted(explained) == sorted(said)


def test_every_command_line_it_names_exists(readme: str) -> None:
    """What it tells people to run is a command of ours with that option, or a target of the Makefile."""
    commands = re.findall(r"`session-bot\s([a-z]+(?:-[a-z]+)?)([^`]*)`", readme)
    targets = re.findall(r"(?:^    |`)make ([a-z]+)", readme, re.MULTILINE)
    assert commands
    assert targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    for command, rest in commands:
        shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
        assert shown.exit_code == 0, command
        assert all(option in shown.output for option in re.findall(r"--[a-z]+", rest)), command


def test_its_links_lead_somewhere(readme: str) -> None:
    """Every link of ours has a file or a heading at its end."""
    linked = [target for target in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in target]
    headings = [re.sub(r"[^a-z -]", "", line.lower()).strip() for line in re.findall("^#+ (.*)", readme, re.MULTILINE)]
    anchors = {f"#{heading.replace(' ', '-')}" for heading in headings}
    assert linked
    for target in linked:
        assert target in anchors if target.startswith("#") else (ROOT / target).is_file(), target


def test_its_config_file_is_read_without_a_complaint(readme: str, tmp_path: Path) -> None:
    """The example config is a valid one, and shows every key that a rule or the limits can have."""
    config = fenced(readme, "toml")
    (tmp_path / "session-bot.toml").write_text(config, encoding="utf-8")
    (rule,) = load(enough(), tmp_path).rules
    assert rule.alias == "support"
    shown = set(re.findall(r"^(\w+) =", config, re.MULTILINE))
    assert shown == (set(RuleConfig.model_fields) - {"alias"}) | set(Limits.model_fields)


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


async def test_its_scenario_reads_the_data_behind_which_a_tag_may_stand(readme: str, make_world: MakeWorld) -> None:
    """The example for a rule with `tag` reads the JSON of a start with the tag, without one, and without data."""
    account = default_account()
    for number, name in ((2000, "tagged"), (2001, "plain")):
        account.add_rule(account.applications[0], name, fenced(readme, "js", 1), rule_id=number)
    config = "[rules.with-tag]\nid = 2000\ntag = true\n"
    started = (('with-tag {"ticket": 12}', "12"), ('plain {"ticket": 13}', "13"), ("with-tag", "unknown"))
    async with make_world(account=account, config=config) as world:
        for typed, _ in started:
            await world.says(world.ann, f"start {typed}", expect="Started")
        sessions = list(world.platform.sessions.values())
        assert sessions[0].custom_data.startswith('{"ticket": 12}#')
        for session, (_, ticket) in zip(sessions, started, strict=True):
            await world.until(lambda: f"Ticket {ticket}" in session.log, "the scenario to log")  # noqa: B023 - at once
            assert session.running


def test_every_command_shown_is_run(readme: str) -> None:
    """Each example for a shell is one that CI or a test below runs as it stands."""
    assert [block.splitlines()[0] for block in shell(readme)] == [
        SETUP, MANIFEST, RUN, SANDBOX, SANDBOX_RUN, HTTP, SERVICE, BACKUP, KEY,
    ]  # fmt: skip
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "lint", "types", "imports", "tests"):
        assert f"\n{target}: setup\n" in makefile


def test_its_manifests_are_what_it_says(readme: str, tmp_path: Path) -> None:
    """The lines that make a manifest, for another command and for HTTP mode, make it."""
    finished(readme, MANIFEST, tmp_path)
    finished(readme, HTTP, tmp_path)
    phone, http = (yaml.safe_load((tmp_path / name).read_text(encoding="utf-8")) for name in ("phone.yml", "http.yml"))
    assert phone["features"]["slash_commands"][0]["command"] == "/phone"
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.example.com/slack/events"


@pytest.mark.parametrize("first_start", [RUN, SANDBOX_RUN])
def test_its_first_start_works_against_its_sandbox(readme: str, tmp_path: Path, first_start: str) -> None:
    """The lines for the sandbox and for the first start, in two terminals, bring a bot that answers."""
    with running(readme, SANDBOX, tmp_path) as sandbox:
        read_until(sandbox, "end it all")
        if first_start == RUN:  # the settings of step 4, in the file of that name
            (tmp_path / "session-bot.env").write_text((tmp_path / "sandbox.env").read_text(encoding="utf-8"))
        with running(readme, first_start, tmp_path) as bot:
            read_until(bot, "connected to")
            assert sandbox.stdin is not None
            sandbox.stdin.write("/session start obedient\n")
            sandbox.stdin.flush()
            read_until(sandbox, "Started #1 obedient")
            os.killpg(bot.pid, signal.SIGTERM)
            read_until(bot, "stopping")


async def test_its_backup_can_be_run_on(readme: str, tmp_path: Path) -> None:
    """The copies that its backup makes are a database and a key of the bot's, closed to others."""
    key = load_or_make_key(tmp_path / "session-bot.db.key")
    store = Store(tmp_path / "session-bot.db")
    await store.open()
    try:
        finished(readme, BACKUP, tmp_path)
    finally:
        await store.close()
    copies = (tmp_path / "backup.db", tmp_path / "backup.db.key")
    assert all(copy.stat().st_mode & 0o077 == 0 for copy in copies)
    assert load_or_make_key(copies[1]) == key
    restored = Store(copies[0])
    await restored.open()  # raises, if it is not one of ours or lacks a trigger
    await restored.close()


def test_its_new_key_is_one(readme: str, tmp_path: Path) -> None:
    """The line that makes a key makes one that the setting takes, beside the old one."""
    new, old = finished(readme, KEY, tmp_path).strip(), Fernet.generate_key().decode()
    keys = load(enough() | {"SESSION_BOT_SECRET_KEY": f"{new},{old}"}, tmp_path).secret_keys
    assert [key.get_secret_value() for key in keys] == [new, old]


def test_its_settings_file_is_enough(readme: str, tmp_path: Path) -> None:
    """The example of a settings file is enough as it stands, beside the credentials, and so it is with its comment."""
    (tmp_path / "service-account.json").touch()
    example = fenced(readme, "ini", 0).replace("…", "1")
    assert not load(assigned(example), tmp_path).channels
    assert load(assigned(example.replace("# ", "")), tmp_path).channels == {"C0123456789"}


def test_its_service_finds_what_is_made_for_it(readme: str, tmp_path: Path) -> None:
    """The lines before the unit make its user, its directory and its files there, where the unit looks for them."""
    unit = service_of(readme)
    clone, machine, tools = (tmp_path / name for name in ("clone", "machine", "tools"))
    for each in (clone, machine / "var/lib", tools):
        each.mkdir(parents=True)
    (clone / "session-bot.env").write_text(fenced(readme, "ini", 0).replace("…", "1"), encoding="utf-8")
    (clone / "service-account.json").write_text("{}", encoding="utf-8")
    (tools / "sudo").write_text(SUDO.format(python=sys.executable, machine=machine), encoding="utf-8")
    (tools / "sudo").chmod(0o700)
    finished(readme, SERVICE, clone, tools)
    assert (machine / "users").read_text(encoding="utf-8").split() == [unit["User"]]
    assert set((machine / "owners").read_text(encoding="utf-8").split()) == {f"{unit['User']}:{unit['User']}"}
    there = machine / unit["WorkingDirectory"].lstrip("/")
    assert unit["WorkingDirectory"] == f"/var/lib/{unit['StateDirectory']}"
    assert there.stat().st_mode & 0o777 == int(unit["StateDirectoryMode"], 8)
    environment = machine / unit["EnvironmentFile"].lstrip("/")
    settings = load(assigned(environment.read_text(encoding="utf-8")), there)
    assert settings.voximplant_credentials == there / "service-account.json"
    assert {each.stat().st_mode & 0o777 for each in there.iterdir()} == {0o600}
    assert f"`{Path(unit['ExecStart']).parents[2]}`, where its unit looks" in readme


def test_its_service_knows_the_bot(readme: str) -> None:
    """The unit runs our command, gives it time to drain, and does not start again what only a person can mend."""
    service = service_of(readme)
    assert service["ExecStart"].endswith("/.venv/bin/session-bot run")
    drains_s = max(ANSWERED_WITHIN_S + CLOSING_S, http._CLOSING_S) + DRAIN_S + FLUSH_S
    assert service.getfloat("TimeoutStopSec") > drains_s
    assert service.getint("RestartPreventExitStatus") == EXIT_SETTINGS
    assert f"up to {drains_s:g} s" in readme.replace("\n", " ")
    assert service.getint("LimitNOFILE") == descriptors.ENOUGH


def test_its_numbers_for_crowds_are_the_ports(readme: str) -> None:
    """What it says of the room and the time that a client has is what the ports have."""
    text = readme.replace("\n", " ")
    assert f"({ops.ROOM} for operations, {http.ROOM} in HTTP mode)" in text
    assert f"{Patience().head:g} s for its head and {Patience().body:g} s for its body" in text
    assert f"{descriptors.ENOUGH:,}" in text
    assert f"It needs {descriptors.TOO_FEW:,}," in text


def test_every_text_it_quotes_is_one_that_is_said(readme: str) -> None:
    """What people are told to look for stands in the code in these words; `…` is what differs each time."""
    said = list(texts_of_the_code())
    quoted = [row.split(" | ")[0].strip("| ") for row in rows(readme, "| you read | it means | what to do |", 0)]
    quoted += [row.split(" | ")[0].strip("| ") for row in rows(readme, "| you read | it means | what to do |", 1)]
    quoted = [quote for quote in quoted if quote.startswith("`")]  # others tell what is seen instead
    assert len(quoted) > 20
    for quote in quoted:
        parts = [part.strip() for part in quote.strip("`").split("…")]
        assert all(any(part in text for text in said) for part in parts), quote


def texts_of_the_code() -> Iterator[str]:
    """Yield every text in the code; those with values in them come in pieces."""
    for folder in ("bot", "storage"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def shell(readme: str) -> list[str]:
    """Give every example for a shell."""
    return re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)


@contextlib.contextmanager
def running(readme: str, first_line: str, folder: Path, *tools: Path) -> Iterator["subprocess.Popen[str]"]:
    """Run an example in a folder, as a terminal would with the virtual environment active; `tools` go before others."""
    (script,) = [block for block in shell(readme) if block.startswith(f"{first_line}\n")]
    path = os.pathsep.join([*map(str, tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    inherited = {
        name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ
    }  # it says whose code is tested
    with subprocess.Popen(  # noqa: S603 - the README's own lines
        ["/bin/sh", "-ec", script],
        cwd=folder,
        env={**inherited, "PATH": path, "TMPDIR": str(folder), "SESSION_BOT_OPS_PORT": "0"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def finished(readme: str, first_line: str, folder: Path, *tools: Path) -> str:
    """Run an example to its end; give what it printed."""
    with running(readme, first_line, folder, *tools) as process:
        printed, _ = process.communicate(timeout=30)
    assert process.returncode == 0, printed
    return printed


def read_until(process: "subprocess.Popen[str]", words: str) -> None:
    """Read what is printed until a line has these words."""
    assert process.stdout is not None
    read = ""
    for line in process.stdout:
        read += line
        if words in line:
            return
    pytest.fail(f"{words!r} was never printed:\n{read}")


def enough() -> dict[str, str]:
    """Give the settings that must be there."""
    return {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "VOXIMPLANT_ACCOUNT_ID": "1",
        "VOXIMPLANT_API_KEY": "key",
    }


def assigned(environment: str) -> dict[str, str]:
    """Read an environment file as a shell and systemd do."""
    return dict(line.split("=", 1) for line in environment.splitlines() if not line.startswith("#"))


def service_of(readme: str) -> configparser.SectionProxy:
    """Read the unit's service."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(fenced(readme, "ini", 1))
    return unit["Service"]


def rows(readme: str, head: str, number: int = 0) -> list[str]:
    """Give the rows of a table with this head, by default of the first one."""
    _, *below = readme.split(f"{head}\n")
    assert len(below) > number, f"there is no table {head}"
    return below[number].partition("\n\n")[0].splitlines()[1:]


def default_of(field: FieldInfo) -> str:
    """Write a default as the table does; a dash where there is none."""
    default = field.default
    if field.is_required() or default in (None, (), frozenset()):
        return "–"
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def fenced(readme: str, language: str, number: int = 0) -> str:
    """Give an example in this language, by default the first one."""
    examples: list[str] = re.findall(rf"```{language}\n(.*?)```", readme, re.DOTALL)
    return examples[number]
