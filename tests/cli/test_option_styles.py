"""Options are written in the style of the shell or in that of the bot, and mean the same."""

import pytest
import typer.main
from typer.testing import CliRunner

from bot.cli import app

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
VALUED = [
    (name, each.name, option)
    for name, command in COMMANDS.items()
    for each in command.params
    for option in each.opts
    if option.startswith("--") and not each.is_flag
]


def read(command: str, *words: str) -> dict[str, object]:
    """Return what a command makes of a command line; what is missing in it is not asked for."""
    return dict(COMMANDS[command].make_context(command, list(words), resilient_parsing=True).params)


@pytest.mark.parametrize(("command", "name", "option"), VALUED, ids=str)
def test_every_option_can_be_written_either_way(command: str, name: str, option: str) -> None:
    """`--state open`, `--state=open` and `state=open` are one, in any case of the name where no dashes mark it.

    So is a dash that something between the keyboard and the shell made of two.
    """
    value = {"--port": "3000", "--format": "json"}.get(option, "C1")
    shell = read(command, option, value)
    given = shell[name]
    assert list(map(str, given if isinstance(given, list) else [given])) == [value]
    assert read(command, f"{option}={value}") == shell
    assert read(command, f"{option.removeprefix('--')}={value}") == shell
    assert read(command, f"{option.removeprefix('--').upper()}={value}") == shell
    assert read(command, option.replace("--", "—"), value) == shell
    assert read(command, f"{option.replace('--', '—')}={value}") == shell


def test_what_is_a_value_or_data_is_left_as_it_is() -> None:
    """The value of an option, what follows `--`, and what is no option of the command are no options."""
    assert read("stop-all", "--reason", "older=30m")["reason"] == "older=30m"
    assert read("stop-all", "--reason", "older=30m")["older"] is None
    assert read("start", "obedient", "--", "max=30m")["data"] == "max=30m"
    assert read("start", "obedient", 'state="open"')["data"] == 'state="open"'
    assert read("list", "page=2")["words"] == ["page=2"]


@pytest.mark.parametrize("words", [["rule=a", "--rule", "b"], ["rule=a", "rule=b"], ["--channel=C1", "channel=C2"]])
def test_none_goes_before_another(words: list[str]) -> None:
    """An option that stands there twice is refused, before anything is opened."""
    result = CliRunner().invoke(app, ["stop-all", *words])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "stands there twice" in result.stderr
