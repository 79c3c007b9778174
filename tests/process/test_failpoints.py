"""A failpoint kills the process that is told to end there, at the time it is told, and costs others nothing."""

import os
import signal
import subprocess
import sys

import pytest

from bot.config._misspelt import misspelt_variables, refused
from bot.config._settings import Settings
from bot.process import FAILPOINT_VARIABLE, Failpoint

_TWICE = (
    "from bot.process import Failpoint, reach\n"
    "for _ in range(2):\n"
    "    reach(Failpoint.accepted)\n"
    "    print('on', flush=True)\n"
)


def reached_twice(environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Run a process that reaches the same point twice, and prints a line after each."""
    return subprocess.run(  # noqa: S603 - our own interpreter and program
        [sys.executable, "-c", _TWICE], env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("armed", "printed"), [("accepted", 0), ("accepted:2", 1), ("accepted:3", 2), ("begun", 2)])
def test_it_kills_at_its_time(armed: str, printed: int) -> None:
    """A process ends by SIGKILL when the point is reached for the n-th time, the first without a number."""
    done = reached_twice({FAILPOINT_VARIABLE: armed})
    assert done.stdout.count("on") == printed
    assert done.returncode == (0 if printed == 2 else -signal.SIGKILL), done.stderr


def test_a_point_that_is_none_is_an_error() -> None:
    """A misspelt point stops the test that set it: it would otherwise look as if it were never reached."""
    done = reached_twice({FAILPOINT_VARIABLE: "acepted"})
    assert "'acepted' is not a valid Failpoint" in done.stderr


def test_the_variable_is_no_setting() -> None:
    """It is neither a setting, nor refused as one that is unknown, nor near enough to one to be mentioned."""
    names = {name.upper() for name in Settings.model_fields}
    environ = {FAILPOINT_VARIABLE: Failpoint.accepted}
    assert FAILPOINT_VARIABLE not in names
    assert not refused(environ, names)
    assert not misspelt_variables(environ, names)
