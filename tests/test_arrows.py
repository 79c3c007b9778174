"""Imports go one way and through public faces: the contracts of pyproject.toml, tried with wrong imports."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("bot", "storage")

WRONG = {
    "bot/verbs/_planted_upward.py": (
        "from bot.dispatch import Dispatch",
        "bot.verbs is not allowed to import bot.dispatch",
    ),
    "bot/stops/_planted_upward.py": ("from bot.verbs import VERBS", "bot.stops is not allowed to import bot.verbs"),
    "bot/watch/_planted_beside.py": (
        "from bot.slack.outbox import Messenger",
        "bot.watch is not allowed to import bot.slack",
    ),
    "bot/slack/render/_planted.py": (
        "import bot.slack.responses",
        "bot.slack.render is not allowed to import bot.slack.responses",
    ),
    "bot/process/network/_planted_upward.py": (
        "from bot.process.ops import Listener",
        "bot.process.network is not allowed to import bot.process.ops",
    ),
    "bot/sandbox/slack/_planted_page.py": (
        "import bot.sandbox.page",
        "bot.sandbox.slack is not allowed to import bot.sandbox.page",
    ),
    "bot/process/_planted_loose.py": ("import asyncio", "bot.process._planted_loose"),
    "bot/process/ops/_planted_world.py": (
        "import bot.sandbox.slack",
        "bot.process.ops._planted_world -> bot.sandbox.slack",
    ),
    "storage/planted_slack.py": ("import slack_sdk", "storage.planted_slack -> slack_sdk"),
    "bot/planted_flat.py": ("import bot.verbs", "bot.planted_flat"),
    "bot/ports/_planted_slack.py": ("import slack_sdk", "bot.ports._planted_slack -> slack_sdk"),
    "bot/life/_planted_bolt.py": ("import slack_bolt", "bot.life._planted_bolt -> slack_bolt"),
    "bot/account/_planted_httptools.py": ("import httptools", "bot.account._planted_httptools -> httptools"),
    "bot/cli/_planted_sandbox.py": ("import bot.sandbox.slack", "bot.cli._planted_sandbox -> bot.sandbox.slack"),
    "bot/watch/_planted_engine.py": ("import sqlite_utils", "bot.watch._planted_engine -> sqlite_utils"),
    "bot/cli/_planted_engine.py": ("import sqlite3", "bot.cli._planted_engine -> sqlite3"),
    "bot/life/_planted_engine.py": ("import psycopg", "bot.life._planted_engine -> psycopg"),
    "storage/planted_driver.py": ("import psycopg", "storage.planted_driver -> psycopg"),
    "storage/sqlite/_planted_pool.py": ("import psycopg_pool", "storage.sqlite._planted_pool -> psycopg_pool"),
    "bot/voximplant/_planted_judge.py": ("import voximplant", "bot.voximplant._planted_judge -> voximplant"),
    "bot/sandbox/slack/_planted_bot.py": ("import bot.text", "bot.sandbox is not allowed to import bot.text"),
    "bot/sandbox/voximplant/_planted_rows.py": (
        "import storage.records",
        "bot.sandbox is not allowed to import storage",
    ),
    "bot/text/_planted_rows.py": ("import storage.records", "bot.text is not allowed to import storage"),
    "storage/planted_bot.py": ("import bot.process", "storage is not allowed to import bot"),
}
"""A wrong import of each kind: where it is planted, and what the contracts say of it."""


def past_faces(root: Path) -> Iterator[str]:
    """Yield each import of an inner module from outside its package."""
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py")):
        me = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                named = [f"{node.module}.{each.name}" for each in node.names]
            elif isinstance(node, ast.Import):
                named = [each.name for each in node.names]
            else:
                continue
            for each in named:
                package, inner, _ = each.partition("._")
                if inner and package.startswith(FOLDERS) and not f"{me}.".startswith(f"{package}."):
                    yield f"{me} -> {each}"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the house with a wrong import of each kind."""
    root = tmp_path_factory.mktemp("planted")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for place, (line, _) in WRONG.items():
        (root / place).write_text(f"{line}\n")
    return root


@pytest.fixture(scope="module")
def verdict(planted: Path) -> str:
    """Return what `lint-imports` says of the copy."""
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run(  # noqa: S603 - our own words
        [linter, "--no-cache"],
        cwd=planted,
        env={"PYTHONPATH": str(planted)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stderr
    return ran.stdout


def test_a_wrong_import_is_planted_for_each_contract(verdict: str) -> None:
    """No contract is kept in the copy: each has a wrong import that breaks it."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert f"Contracts: 0 kept, {len(contracts)} broken." in verdict


@pytest.mark.parametrize("place", WRONG)
def test_a_wrong_import_is_refused(verdict: str, place: str) -> None:
    """Each kind of wrong import breaks a contract, which names it."""
    assert WRONG[place][1] in verdict


def test_nothing_reaches_past_a_face() -> None:
    """An inner module, `_name.py`, is imported only within its package; others go through the package itself."""
    assert list(past_faces(ROOT)) == []


def test_reaching_past_a_face_is_found(planted: Path) -> None:
    """The search finds both forms in which an inner module can be imported from outside."""
    (planted / "bot/access/_planted_inner.py").write_text(
        "from bot.text._json import mask\nfrom bot.ports import _verb\n"
    )
    assert list(past_faces(planted)) == [
        "bot.access._planted_inner -> bot.text._json.mask",
        "bot.access._planted_inner -> bot.ports._verb",
    ]


def test_inner_modules_have_inner_names() -> None:
    """In `bot` every module is an inner one, but for the faces and the entry."""
    public = {str(path.relative_to(ROOT)) for path in (ROOT / "bot").rglob("*.py") if not path.name.startswith("_")}
    assert not public


def test_every_package_has_a_face() -> None:
    """Each package says in its first lines what it is for."""
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("__init__.py")):
        assert ast.get_docstring(ast.parse(path.read_text())), path.relative_to(ROOT)
