"""The tests on PostgreSQL where there is no PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ["tests/storage/test_stop.py", "tests/postgres"]


def run(*words: str) -> str:
    """Run a module of Python where the variable names a folder without a server; return what it prints."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", *words],
        cwd=ROOT, env={**ours, "POSTGRES": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_without_a_server_the_last_lines_say_so() -> None:
    """Without a PostgreSQL the last lines of `make test` say what was not run and how to get one."""
    said = run("tests.postgres")
    assert said.startswith("The tests on PostgreSQL were not run: there is no PostgreSQL 14 or newer on this machine.")
    assert "apt-get install --no-install-recommends postgresql" in said
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "cat .venv/aside; \\\n\t$(BIN)/python -m tests.postgres; exit $$code\n" in makefile


@pytest.mark.parametrize("workers", ["0", "1"])
def test_without_a_server_the_rest_is_run_and_counted(workers: str) -> None:
    """The tests that need no server are run, the others counted, whoever collects them; that is no failure."""
    said = run("pytest", "-n", workers, "-p", "no:cacheprovider", *TESTS)
    assert " tests were not run: there is no PostgreSQL 14 or newer on this machine." in said
    assert " 0 tests" not in said
    assert " passed" in said
