"""The sandbox as people run it: the environment it prints is enough for a bot and for other clients."""

import contextlib
import os
import re
import shlex
import signal
import socket
import ssl
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from urllib.parse import urlsplit

import httpx
import pytest
from slack_sdk import WebClient
from typer.testing import CliRunner
from voximplant.apiclient import VoximplantAPI

from bot.cli import app
from bot.cli.demo._sandbox import lines
from tests.factories import free_ports
from tests.faults.conftest import StartProcess
from tests.forked import Forked

READY = "quit            end it all"


@dataclass
class Sandbox:
    """`session-bot sandbox` in a process of its own; what it printed and what people read there are apart."""

    process: Forked
    printed_file: Path
    temporary: Path

    @property
    def printed(self) -> str:
        """Return its standard output."""
        return self.printed_file.read_text()

    @property
    def environ(self) -> dict[str, str]:
        """Read its standard output as the environment it is."""
        return dict(line.split("=", 1) for line in self.printed.splitlines())

    def reads(self, words: str) -> str:
        """Wait until a line on standard error has these words; give all up to there."""
        assert self.process.stderr is not None
        read = ""
        for line in self.process.stderr:
            read += line
            if words in line:
                return read
        pytest.fail(f"{words!r} was never shown:\n{read}")

    def types(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def closes_stdin(self) -> None:
        """End the input."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def ended(self) -> int:
        """Wait for its end; give the exit code."""
        return self.process.wait(timeout=30)


StartSandbox = Callable[..., "contextlib.AbstractContextManager[Sandbox]"]


@pytest.fixture
def start(tmp_path: Path) -> StartSandbox:
    """Return a way to start it, beside settings of a real bot that it must not use."""

    @contextlib.contextmanager
    def sandbox(*arguments: str) -> Iterator[Sandbox]:
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        printed = tmp_path / "printed"
        environ = os.environ | {"TMPDIR": str(temporary), "SLACK_BOT_TOKEN": "not-a-token"}
        with printed.open("w") as stdout:
            process = Forked(["sandbox", *arguments], environ=environ, stdin=PIPE, stdout=stdout.fileno(), stderr=PIPE)
            try:
                yield Sandbox(process, printed, temporary)
            finally:
                process.kill()

    return sandbox


async def test_its_environment_is_all_that_a_bot_needs(start: StartSandbox, start_process: StartProcess) -> None:
    """A bot started with what it printed connects, and what is typed in the sandbox reaches it.

    With --answers a scenario's answer comes back.
    """
    with start("--answers") as sandbox:
        sandbox.reads(READY)
        bot = await start_process({**sandbox.environ, "SESSION_BOT_OPS_PORT": "0"})
        await bot.logs("connected to")
        sandbox.types("/session start obedient")
        sandbox.types('/session send 1 {"say": "hello"}')
        shown = sandbox.reads('{"received":{"say":"hello"}}')
        sandbox.types("click Stop")
        sandbox.types("yes")
        shown += sandbox.reads("Confirmed: #1 obedient ended")
        assert "Started #1 obedient" in shown
        assert await bot.terminate() == 0
        sandbox.process.send_signal(signal.SIGTERM)
        assert sandbox.ended() == 0
    assert not list(sandbox.temporary.iterdir())


async def test_it_can_send_to_a_bot_in_http_mode(start: StartSandbox, start_process: StartProcess) -> None:
    """With --http it prints the signing secret and no app token, and what is typed comes to the bot's URL."""
    port = free_ports(1)
    with start("--http", f"http://127.0.0.1:{port}") as sandbox:
        sandbox.reads(READY)
        assert "SLACK_APP_TOKEN" not in sandbox.environ
        settings = {"SESSION_BOT_OPS_PORT": "0", "SESSION_BOT_PORT": str(port)}
        bot = await start_process({**sandbox.environ, **settings})
        await bot.logs("taking Slack's requests")
        sandbox.types("/session start obedient")
        sandbox.reads("Started #1 obedient")
        assert await bot.terminate() == 0


def test_other_clients_can_be_pointed_at_it(start: StartSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's official client and Slack's own work with what it printed, over verified TLS."""
    with start() as sandbox:
        sandbox.reads(READY)
        environ = sandbox.environ
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", environ["SSL_CERT_FILE"])
        platform = urlsplit(environ["VOXIMPLANT_API_URL"])
        assert platform.scheme == "https"
        api = VoximplantAPI(environ["VOXIMPLANT_CREDENTIALS"], endpoint=platform.netloc)
        assert api.get_account_info()["result"]["account_name"] == "sandbox"
        slack = WebClient(environ["SLACK_BOT_TOKEN"], base_url=environ["SLACK_API_URL"])
        assert slack.auth_test()["user"] == "session-bot"
        assert stat.S_IMODE(Path(environ["VOXIMPLANT_CREDENTIALS"]).stat().st_mode) == 0o600


def test_people_read_elsewhere_than_clients(start: StartSandbox) -> None:
    """Standard output has assignments and nothing else; the rest, with no secret in it, is on standard error."""
    with start() as sandbox:
        shown = sandbox.reads(READY)
        assert "made for this sandbox" in shown
        assert all(line.split("=", 1)[0].isupper() for line in sandbox.printed.splitlines())
        assert not any(value in shown for name, value in sandbox.environ.items() if "TOKEN" in name)


def test_a_call_comes_in_to_a_rule(start: StartSandbox, tmp_path: Path) -> None:
    """It starts a session of the rule that is named; what names no rule with a scenario is answered with those."""
    scenario = tmp_path / "door.js"
    scenario.write_text("VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => e.call.answer());")
    with start("--scenario", str(scenario)) as sandbox:
        sandbox.reads("Your rule: /session start door")
        sandbox.types("ring nobody")
        assert "door" in sandbox.reads("ring takes the name or the id of one rule with a scenario")
        sandbox.types("ring door +15550177")
        sandbox.reads("A call comes in to door, and starts the session h42027539")


def test_a_back_end_starts_sessions_and_one_hangs(start: StartSandbox) -> None:
    """The prompt plays what happens without the bot: a start of another client, and a session that hangs."""
    with start() as sandbox:
        sandbox.types("backend obedient ticket 12")
        told = sandbox.reads("The back-end starts the session h42027539")
        (session,) = re.findall(r"h[0-9]+", told)
        sandbox.types("hang obedient")
        sandbox.reads("hang takes the platform's id of a session that runs")
        sandbox.types(f"hang {session}")
        sandbox.reads(f"The session {session} hangs")


def test_a_program_lets_a_call_come_in(start: StartSandbox) -> None:
    """One POST to the sandbox is a call of that number to a rule; what is no rule is answered with 404."""
    with start() as sandbox:
        sandbox.reads(READY)
        api = sandbox.environ["VOXIMPLANT_API_URL"].removesuffix("/platform_api")
        tls = ssl.create_default_context(cafile=sandbox.environ["SSL_CERT_FILE"])
        with httpx.Client(verify=tls, trust_env=False) as http:
            rung = http.post(f"{api}/inbound/obedient", data={"from": "+15550177"})
            assert http.post(f"{api}/inbound/nobody").status_code == 404
        sandbox.types(f"hang {rung.json()['call_session_history_id']}")
        sandbox.reads(f"The session h{rung.json()['call_session_history_id']} hangs")


def test_it_outlives_its_input(start: StartSandbox) -> None:
    """The end of what is typed does not end it: others reach it by its ports. A signal does, with exit code 0."""
    with start() as sandbox:
        sandbox.types("/session help")
        sandbox.closes_stdin()
        sandbox.reads('/session failed with the error "dispatch_failed"')
        slack = WebClient(sandbox.environ["SLACK_BOT_TOKEN"], base_url=sandbox.environ["SLACK_API_URL"])
        assert slack.auth_test()["ok"]
        sandbox.process.send_signal(signal.SIGINT)
        assert sandbox.ended() == 0
    assert not list(sandbox.temporary.iterdir())


def test_the_file_is_for_one_person_and_one_run(start: StartSandbox, tmp_path: Path) -> None:
    """With a file standard output stays empty; only the owner can read the file, and it goes with the sandbox."""
    file = tmp_path / "sandbox.env"
    with start("--environment", str(file)) as sandbox:
        assert str(file) in sandbox.reads(READY)
        assert sandbox.printed == ""
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "SLACK_BOT_TOKEN=xoxb-" in file.read_text()
        sandbox.types("quit")
        assert sandbox.ended() == 0
    assert not file.exists()


def test_it_listens_where_it_is_told(start: StartSandbox) -> None:
    """With --port it takes five ports in a row, so that what was set up for them stays right; the page has the last."""
    first = free_ports(5)
    with start("--port", str(first)) as sandbox:
        page = f"http://127.0.0.1:{first + 4}/"
        assert page in sandbox.reads(READY)
        assert httpx.get(page, trust_env=False).status_code == 200
        assert urlsplit(sandbox.environ["SLACK_API_URL"]).port == first
        assert urlsplit(sandbox.environ["VOXIMPLANT_API_URL"]).port == first + 1


def test_a_port_that_is_taken_is_one_line(start: StartSandbox) -> None:
    """Where a port is in use nothing is printed to use, one line says so, and the exit code is 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start("--port", str(port)) as sandbox:
            assert sandbox.process.stderr is not None
            shown = sandbox.process.stderr.read()
            assert sandbox.ended() == 2
    assert shown == f"A port of {port} to {port + 4} is in use: give another --port.\n"
    assert sandbox.printed == ""
    assert not list(sandbox.temporary.iterdir())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        pytest.param("kept.env", "is there already, and nothing was written over it", id="exists"),
        pytest.param("nowhere/sandbox.env", "cannot be written: No such file or directory.", id="no folder"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tmp_path: Path, name: str, says: str) -> None:
    """A file that is there keeps what it holds; a place that is not there is named. Both end with exit code 2."""
    kept = tmp_path / "kept.env"
    kept.write_text("SLACK_BOT_TOKEN=of-somebody\n")
    result = CliRunner().invoke(app, ["sandbox", "--environment", str(tmp_path / name)])
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert kept.read_text() == "SLACK_BOT_TOKEN=of-somebody\n"


def test_a_shell_reads_back_what_was_written(tmp_path: Path) -> None:
    """Values with spaces, quotes and dollars survive the shell; plain ones are written as they are."""
    odd = f'{tmp_path}/it\'s $HOME `of` "a" # b'
    file = tmp_path / "odd.env"
    file.write_text(lines({"ODD": odd, "PLAIN": "http://127.0.0.1:1/api/"}))
    script = f'set -a; . {shlex.quote(str(file))}; printf "%s" "$ODD"'
    read = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert read.stdout == odd
    assert "PLAIN=http://127.0.0.1:1/api/\n" in file.read_text()
