"""What is wrong with a command line is said in a line, and scripts can tell by the exit code."""

import os
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from bot.cli import app
from bot.cli._setup_problems import storage_sentence
from bot.cli.terminal._verbs import USAGES
from storage.errors import StorageError, StorageUnavailable

ROOT = Path(__file__).parents[2]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
EVERY_COMMAND = [
    [name, *inner]
    for name, command in COMMANDS.items()
    for inner in ([], *([n] for n in getattr(command, "commands", ())))
]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["nope"], "No such command 'nope'", id="no such command"),
        pytest.param(["kill", "7"], "No such command 'kill'. Did you mean 'session-bot stop'?", id="synonym"),
        pytest.param(["please", "stop", "7"], "Did you mean 'session-bot stop'?", id="polite"),
        pytest.param(["docter"], "Did you mean 'session-bot doctor'?", id="slip"),
        pytest.param(["show", "7"], "Did you mean 'session-bot status'?", id="look"),
        pytest.param(["scenario", "kat"], "Did you mean 'session-bot scenario kit'?", id="slip in a group"),
        pytest.param(["scenario", "kill"], "No such command 'kill'.", id="no such command in a group"),
        pytest.param(["version"], "Did you mean 'session-bot --version'?", id="version"),
        pytest.param(["restart", "7"], "No such command 'restart'.", id="no such verb here"),
        pytest.param(["sandbox", "--port", "65533"], "Invalid value for '--port'", id="port"),
        pytest.param(["sandbox", "--port", "many"], "Invalid value for '--port'", id="no port"),
        pytest.param(["sandbox", "--http", "3000"], "--http takes the URL at which Slack reaches", id="no url"),
        pytest.param(["manifest", "--command", "session"], "up to 31 small letters", id="no slash"),
        pytest.param(["manifest", "--command", "/Session"], "up to 31 small letters", id="capital"),
        pytest.param(["manifest", "--command", "/s: x"], "up to 31 small letters", id="no word"),
        pytest.param(["manifest", "--command", "/" + 32 * "s"], "up to 31 small letters", id="long"),
        pytest.param(["manifest", "--http", "http://bot.example.com"], "--http takes an https URL", id="plain http"),
        pytest.param(["manifest", "--http", "https://a:b@example.com"], "--http takes the URL", id="user"),
        pytest.param(["manifest", "--http", "https://example.com/?a=1"], "--http takes the URL", id="query"),
        pytest.param(["manifest", "--http", "https://x\n# y"], "--http takes the URL", id="two lines"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(arguments: list[str], says: str) -> None:
    """Nothing is printed on standard output, and the last line on standard error says what is wrong."""
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert says in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("command", [[], *EVERY_COMMAND], ids=" ".join)
def test_help_documents_the_exit_codes(command: list[str]) -> None:
    """The program and every command of it say in their help which exit codes they have."""
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert "Exit code" in " ".join(shown.stdout.split())


def test_the_programs_help_is_complete() -> None:
    """Every exit code stands in it, and no command's line is cut."""
    shown = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "80"}).stdout
    assert set(re.findall(r"\b[0-9]\b", shown)) == set("012345")
    assert "..." not in shown.partition("Commands:")[2]


@pytest.mark.parametrize("command", sorted(USAGES))
def test_every_word_of_a_verb_is_explained(command: str) -> None:
    """Each argument and option has its help, and none refers to Slack for it."""
    made = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    assert [each.name for each in made.params if not getattr(each, "help", None)] == []
    assert "As in Slack" not in CliRunner().invoke(app, [command, "--help"]).stdout


@pytest.mark.parametrize("arguments", [["start", "obedient"], ["stop"], ["send", "2"], ["list", "--chanel", "C1"]])
def test_what_the_shell_gets_wrong_is_exit_code_2(arguments: list[str]) -> None:
    """What is no command line of this program reaches no bot and no record: its code is the one of wrong settings."""
    assert CliRunner().invoke(app, arguments).exit_code == 2
    shown = CliRunner().invoke(app, [arguments[0], "--help"]).stdout
    assert "2 when the command line," in " ".join(shown.split())


def test_the_version_is_that_of_the_project() -> None:
    """A person who asks for help can name the version, and of which Python."""
    shown = CliRunner().invoke(app, ["--version"])
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert (shown.exit_code, shown.stdout) == (0, f"session-bot {version}, Python {platform.python_version()}\n")


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("st", {"start", "status", "stop", "stop-all"}),
        ("--ver", {"--version"}),
        ("stop --", {"--channel", "--yes", "--json", "--help"}),
    ],
)
def test_a_shell_completes_commands_and_options(typed: str, completed: set[str]) -> None:
    """What the completion script of bash asks for is answered by the program itself."""
    words = f"session-bot {typed}"
    asked = {"_SESSION_BOT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    shown = subprocess.run(
        [sys.executable, "-m", "bot"], env=environ | asked, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert set(shown.stdout.split()) == completed


@pytest.mark.parametrize("arguments", [["run"], ["list"]])
def test_what_is_set_up_wrongly_leads_to_the_doctor(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the problems of the settings stands who looks at the rest."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, arguments, env={"VOXIMPLANT_ACCOUNT_ID": "1"})
    assert (result.exit_code, result.stdout) == (2, "")
    assert "VOXIMPLANT_API_KEY is not set" in result.stderr
    assert "`session-bot doctor`" in result.stderr.splitlines()[-1]


def test_the_end_of_a_sentence_becomes_a_sentence() -> None:
    """A problem of one job completes other sentences; alone at a terminal it gets a beginning, once."""
    assert storage_sentence(StorageUnavailable("disk full")) == "The database cannot be used now: disk full."
    assert storage_sentence(StorageError("The file is gone.")) == "The file is gone."
