"""CONTRIBUTING.md, followed: in a copy of the tree its example adds a verb, and its lines for a shell are run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, examples, read

PAGE = "CONTRIBUTING.md"
TOOLS = ("pytest", "ruff", "lint-imports")
TABLE = "bot/verbs/_table.py"
ONE_TEST = ".venv/bin/pytest -n 0 tests/text/test_times.py -k two_largest"
ITS_TEST = ".venv/bin/pytest -n 0 tests/conversations/test_age.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the tree, with the tools of this environment in its `.venv`, ready as `make setup` leaves it."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for each in ("bot", "storage", "tests", "docs"):
        shutil.copytree(ROOT / each, tree / each)  # with what is compiled, which is good there, too
    for each in ("pyproject.toml", "Makefile", "constraints.txt", "README.md", PAGE, "CHANGELOG.md", "manifest.yml"):
        shutil.copy(ROOT / each, tree / each)
    tools = tree / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    (tools / "python").chmod(0o700)
    for tool in TOOLS:
        (tools / tool).symlink_to(Path(sys.executable).parent / tool)
    (tree / ".venv" / "ready").touch()
    return tree


def run(script: str, tree: Path) -> str:
    """Run lines for a shell in the tree, whose code goes before the installed one; return what they print."""
    done = subprocess.run(  # noqa: S603 - the page's own lines
        ["/bin/sh", "-ec", script],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_following_its_example_adds_a_verb(copy: Path) -> None:
    """The verb is in the table, its test passes, its lines are as the linters want them, and the reference has it."""
    verb, test = examples(read(PAGE), "python")
    (copy / "bot/verbs/_age.py").write_text(verb, encoding="utf-8")
    (copy / "tests/conversations/test_age.py").write_text(test, encoding="utf-8")
    imported, entry = re.findall(rf"`{TABLE}`: `(.+)`, and in `VERBS` a line `(.+)`", read(PAGE))[0]
    head, _, listed = (copy / TABLE).read_text(encoding="utf-8").partition("\nVERBS")
    entries, _, rest = listed.partition("\n)")
    table = f"{head}{imported}\n\nVERBS{entries}\n    {entry}\n){rest}"
    (copy / TABLE).write_text(table, encoding="utf-8")
    run(f".venv/bin/ruff check --select I --fix --quiet {TABLE}", copy)
    run(".venv/bin/ruff check bot/verbs tests/conversations/test_age.py", copy)
    run(".venv/bin/ruff format --check bot/verbs/_age.py tests/conversations/test_age.py", copy)
    run(".venv/bin/lint-imports", copy)
    assert "1 passed" in run(example(ITS_TEST), copy)
    commands = (copy / "docs/reference/commands.md").read_text(encoding="utf-8")
    assert "| `/session age <id>` | Tell how long ago a session was started. |" in commands


def test_its_line_for_one_test_runs_one(copy: Path) -> None:
    """What it says of running a test by its name is so."""
    assert " passed" in run(example(ONE_TEST), copy)


def example(first_line: str) -> str:
    """Return the example for a shell that begins with this line."""
    (found,) = (block for block in examples(read(PAGE), "sh") if block.startswith(f"{first_line}\n"))
    return found
