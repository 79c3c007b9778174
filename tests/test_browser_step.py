"""The step of the browser tests where there is no browser."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_without_a_browser_the_step_says_so_and_passes() -> None:
    """Without a Chromium the last lines say what was not run and how to get one, and the exit code is 0."""
    environ = {name: value for name, value in os.environ.items() if name not in {"CHROMIUM", "MAKEFLAGS", "MAKELEVEL"}}
    done = subprocess.run(
        ["make", "browser-tests", "CHROMIUM="],  # noqa: S607 - the make that runs the tests
        cwd=ROOT, env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("The browser tests were not run: there is no Chromium on this machine.")
    assert "apt-get install chromium" in done.stdout
    assert not done.stderr
