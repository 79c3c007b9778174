"""What is wrong with a command line is said in a line, and scripts can tell by the exit code."""

import pytest
import typer.main
from typer.testing import CliRunner

from bot.cli import app

EVERY_COMMAND = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["nope"], "No such command 'nope'", id="no such command"),
        pytest.param(["sandbox", "--port", "65533"], "Invalid value for '--port'", id="port"),
        pytest.param(["sandbox", "--port", "many"], "Invalid value for '--port'", id="no port"),
        pytest.param(["sandbox", "--http", "3000"], "--http takes the URL at which Slack reaches", id="no url"),
        pytest.param(["manifest", "--command", "session"], "--command takes up to 31 small letters", id="no slash"),
        pytest.param(["manifest", "--command", "/Session"], "--command takes up to 31 small letters", id="capital"),
        pytest.param(["manifest", "--command", "/s: x"], "--command takes up to 31 small letters", id="no word"),
        pytest.param(["manifest", "--command", "/" + 32 * "s"], "--command takes up to 31", id="long"),
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


@pytest.mark.parametrize("command", [[], *([each] for each in EVERY_COMMAND)])
def test_help_documents_the_exit_codes(command: list[str]) -> None:
    """The program and every command of it say in their help which exit codes they have."""
    shown = CliRunner().invoke(app, [*command, "--help"])
    assert shown.exit_code == 0
    assert "Exit code" in shown.stdout
