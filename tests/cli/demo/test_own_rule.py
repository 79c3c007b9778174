"""A rule of one's own scenarios in the embedded world: its files, its name, and what is wrong with either."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner
from voximplant.apiclient import VoximplantAPI, VoximplantException

from bot.cli import app
from bot.cli.demo._own_rule import CannotRun, add_rule
from bot.sandbox.voximplant import Account, default_account
from tests.cli.demo.test_demo import demo, rest
from tests.cli.demo.test_demo import temporary as temporary  # noqa: PLC0414 - a fixture
from tests.cli.demo.test_sandbox import READY, StartSandbox
from tests.cli.demo.test_sandbox import start as start  # noqa: PLC0414 - a fixture

GUARD = "Logger.write('guard');"
CALL = """\
VoxEngine.addEventListener(AppEvents.Started, () => VoxEngine.callPSTN("+15550100", "+15550101"));
VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());
"""


WORD = CALL.replace("() => VoxEngine.terminate()", "(e) => { if (e.content === 'the \"end\"') VoxEngine.terminate(); }")


@pytest.fixture
def account() -> Account:
    """Make an account with the scenarios that ship."""
    return default_account()


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Return a way to write a scenario's file."""

    def write(name: str, source: str | bytes = GUARD) -> Path:
        path = tmp_path / name
        path.write_bytes(source if isinstance(source, bytes) else source.encode())
        return path

    return write


def test_a_person_starts_a_rule_of_their_own_files(temporary: Path, file: Callable[..., Path]) -> None:
    """The demo says the line that starts it; typed, it starts a session of the files, which a stop ends."""
    files = [str(file("my call.voxengine.js", CALL)), str(file("guard.js"))]
    with demo(temporary, "--text", "--scenario", files[0], "--scenario", files[1], "--rule", "my call") as process:
        printed = rest(process, '/session rules\n/session start "my call"\nclick Stop\nyes\n')
    assert process.returncode == 0, printed
    assert 'Your rule: /session start "my call"\n' in printed
    assert "my call in demo – rule 1006" in printed
    assert "Confirmed: #1 my call ended" in printed


def test_a_back_end_and_a_number_may_be_made_up(temporary: Path, file: Callable[..., Path]) -> None:
    """A scenario gets the answer of a file, calls the placeholder that it got, and is live until it is stopped."""
    asks = """
        VoxEngine.addEventListener(AppEvents.Started, async () => {
          const { text } = await Net.httpRequestAsync("https://example.com/number");
          VoxEngine.callPSTN(text, "YOUR_NUMBER");
        });
        VoxEngine.addEventListener(AppEvents.HttpRequest, () => VoxEngine.terminate());
    """
    answer = f"https://example.com/number={file('answer.txt', 'PHONE_NUMBER')}"
    with demo(temporary, "--text", "--scenario", str(file("asks.js", asks)), "--answer", answer) as process:
        printed = rest(process, "/session start asks\n/session stop 1\n")
    assert process.returncode == 0, printed
    assert "Confirmed: #1 asks ended" in printed


def test_a_person_tries_the_stop_that_a_scenario_listens_to(temporary: Path, file: Callable[..., Path]) -> None:
    """The demo's bot sends the stop that is given, as it would by the rule's table, and it ends the session."""
    word = str(file("word.js", WORD))
    with demo(temporary, "--text", "--scenario", word, "--stop", 'the "end"') as process:
        printed = rest(process, "/session start word\n/session stop 1\n")
    assert process.returncode == 0, printed
    assert f"Whether it listens to a stop: session-bot scenario check {word}\n" in printed
    assert 'Sent: the "end"' in printed
    assert "Confirmed: #1 word ended" in printed


def test_a_stop_is_that_of_a_rule_of_ones_own() -> None:
    """Without files there is no rule whose stop it could be."""
    result = CliRunner().invoke(app, ["demo", "--stop", "0"])
    assert (result.exit_code, result.stderr) == (
        2,
        "--stop is that of the rule of --scenario files, and there are none.\n",
    )


def test_the_sandbox_has_the_rule_and_lacks_a_role(
    start: StartSandbox, file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another client finds the scenarios of the rule in their order, and is refused what is forbidden."""
    one, two = str(file("one.js")), str(file("two.voxengine.js", CALL))
    with start("--scenario", one, two, "--forbid", "AddScenario", "--forbid", "DelScenario") as sandbox:
        assert "Your rule: /session start one\n" in sandbox.reads(READY)
        environ = sandbox.environ
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", environ["SSL_CERT_FILE"])
        host = environ["VOXIMPLANT_API_URL"].split("/")[2]
        api = VoximplantAPI(environ["VOXIMPLANT_CREDENTIALS"], endpoint=host)
        (rule,) = api.get_rules(application_name="demo", rule_name="one", with_scenarios=True)["result"]
        assert [scenario["scenario_name"] for scenario in rule["scenarios"]] == ["one", "two"]
        assert api.start_scenarios(rule_id=rule["rule_id"])["result"] == 1
        for forbidden in (lambda: api.add_scenario("new", "//"), lambda: api.del_scenario(scenario_name="one")):
            with pytest.raises(VoximplantException) as refused:
                forbidden()
            assert refused.value.code == 104


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"\x00\x01", "is no text: it holds a NUL byte."),
        (b"ok();\n\xff", "is no text in UTF-8: line 2 holds the byte 0xff."),
        (b"\xff\xfea\x00", "is written in UTF-16: save it as UTF-8."),
        (b"/" * 131_072, "has 131,072 bytes, and the platform takes less than 131,072."),
        (b"let a = 1;\nlet b = ;\n", "does not parse: unexpected token in expression: ';' at line 2, column 9, in"),
        (b"x y", "does not parse: expecting ';' at line 1, column 3, in 'x y'."),
        (b"(" * 60_000, "does not parse: it is nested too deeply."),
    ],
    ids=["binary", "latin-1", "utf-16", "too large", "no JavaScript", "first line", "too deep"],
)
@pytest.mark.parametrize("command", ["demo", "sandbox"])
def test_a_file_that_is_no_scenario_starts_nothing(
    file: Callable[..., Path], command: str, source: bytes, says: str
) -> None:
    """One sentence names the file and, for a mistake, its place; the exit code is 2."""
    path = file("bad.js", source)
    result = CliRunner().invoke(app, [command, "--scenario", str(file("good.js")), "--scenario", str(path)])
    assert result.exit_code == 2
    assert f"{path} {says}" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_what_is_no_file_starts_nothing(tmp_path: Path) -> None:
    """A place where there is nothing, a directory and a pipe are named, and nothing waits for them."""
    os.mkfifo(tmp_path / "pipe")
    for name, says in (
        ("nope.js", "cannot be read: No such file or directory."),
        ("", "is a directory: name the files in it, in the rule's order."),
        ("pipe", "is no file."),
    ):
        result = CliRunner().invoke(app, ["sandbox", "--scenario", str(tmp_path / name)])
        assert (result.exit_code, result.stderr) == (2, f"{tmp_path / name} {says}\n")


def test_a_file_stands_there_once(account: Account, file: Callable[..., Path], tmp_path: Path) -> None:
    """The same file twice, also by another way to it, is refused, and no rule is added."""
    path = file("one.js")
    (tmp_path / "other.js").symlink_to(path)
    before = list(account.rules)
    for twin in (path, tmp_path / "other.js"):
        with pytest.raises(CannotRun, match=f"{twin.name} stands there twice"):
            add_rule(account, [path, twin], None)
    assert account.rules == before


def test_typescript_is_named_as_such(file: Callable[..., Path], account: Account) -> None:
    """A .ts file whose types the parser does not know is told to be compiled; one without any runs as it is."""
    with pytest.raises(CannotRun, match="compile TypeScript first"):
        add_rule(account, [file("typed.ts", "const a: number = 1;")], None)
    assert add_rule(account, [file("plain.voxengine.ts")], None) == "/session start plain"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rule", "x"], "--rule names the rule of --scenario files, and there are none."),
        (["a.js"], "A file goes behind --scenario: a.js does not. Nothing was started."),
        (["--scenario", "a.js", "--scenario", "b.js", "c.js"], "before each file, or once before them all: c.js does"),
    ],
    ids=str,
)
def test_an_unclear_command_line_starts_nothing(arguments: list[str], says: str) -> None:
    """Where the order of the files is not known, or there are none to name, nothing is started."""
    for command in ("demo", "sandbox"):
        result = CliRunner().invoke(app, [command, *arguments])
        assert result.exit_code == 2
        assert says in result.stderr


def test_the_tour_has_its_own_scenarios(file: Callable[..., Path]) -> None:
    """The tour checks the scenarios that ship and plays no others."""
    result = CliRunner().invoke(app, ["demo", "--tour", "--scenario", str(file("own.js"))])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "leave all other options away" in result.stderr


def test_a_method_that_is_none_cannot_be_forbidden() -> None:
    """A mistyped method is told with the one that was probably meant."""
    result = CliRunner().invoke(app, ["sandbox", "--forbid", "AddScenarios"])
    assert result.exit_code == 2
    assert result.stderr == "The sandbox has no method AddScenarios to forbid. Did you mean AddScenario?\n"


@pytest.mark.parametrize("name", ["", " ", "12", "stuck", "-x", 'a"b', "it's", "a\nb", "n" * 100], ids=repr)
def test_a_name_that_start_could_not_be_told_is_refused(account: Account, file: Callable[..., Path], name: str) -> None:
    """A rule's name can be typed after start, means this rule alone, and is one of the platform's."""
    before = list(account.rules)
    with pytest.raises(CannotRun, match="--rule"):
        add_rule(account, [file("own.js")], name)
    assert account.rules == before


def test_names_come_from_the_files(account: Account, file: Callable[..., Path]) -> None:
    """Without --rule it is the first file's name; scenarios whose names are taken or too long get others."""
    long = "a-very-long-name-for-a-scenario-of-mine"
    files = [file("wélcome (v2).voxengine.js"), file("stuck.js"), file(f"{long}.js"), file(f"{long}.mjs")]
    assert add_rule(account, files, None) == "/session start wélcome-v2"
    names = [scenario.name for scenario in account.scenarios_of(account.rules[-1])]
    assert names == ["wélcome-v2", "stuck-2", long[:29], f"{long[:27]}-2"]
    with pytest.raises(CannotRun, match="a rule's number"):
        add_rule(account, [file("2024.js")], None)
