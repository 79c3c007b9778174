"""A failpoint kills the process that is told to end there, at the time it is told, and costs others nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config._misspelt import misspelt_variables, refused
from bot.config._settings import Settings
from bot.process import FAILPOINT_VARIABLE

_TWICE = (
    "from bot.process import Failpoint, reach\n"
    "for _ in range(2):\n"
    "    reach(Failpoint.accepted)\n"
    "    print('on', flush=True)\n"
)


def reached_twice(order: Path) -> "subprocess.CompletedProcess[str]":
    """Run a process that reaches the same point twice, and prints a line after each."""
    environ = {**os.environ, FAILPOINT_VARIABLE: str(order)}
    return subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", _TWICE], env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("wanted", "printed"), [("accepted", 0), ("accepted:2", 1), ("accepted:3", 2), ("begun", 2), ("", 2), (None, 2)]
)
def test_it_kills_at_its_time(wanted: str | None, printed: int, tmp_path: Path) -> None:
    """A process ends by SIGKILL when the point is reached for the n-th time, the first without a number."""
    order = tmp_path / "kill-at"
    if wanted is not None:
        order.write_text(wanted)
    done = reached_twice(order)
    assert done.stdout.count("on") == printed
    assert done.returncode == (0 if printed == 2 else -signal.SIGKILL), done.stderr
    assert (tmp_path / "kill-at.reached").read_text().split() == ["accepted"] * min(printed + 1, 2)


def test_a_point_that_is_none_is_an_error(tmp_path: Path) -> None:
    """A misspelt point stops the test that wants it: it would otherwise look as if it were never reached."""
    order = tmp_path / "kill-at"
    order.write_text("acepted")
    assert "'acepted' is not a valid Failpoint" in reached_twice(order).stderr


def test_the_variable_is_no_setting() -> None:
    """It is neither a setting, nor refused as one that is unknown, nor near enough to one to be mentioned."""
    names = {name.upper() for name in Settings.model_fields}
    environ = {FAILPOINT_VARIABLE: "kill-at"}
    assert FAILPOINT_VARIABLE not in names
    assert not refused(environ, names)
    assert not misspelt_variables(environ, names)
