"""The bot imports what it declares, and nothing else: what only its embedded world needs is an extra."""

import importlib.metadata
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
OF_EXTRAS = {
    "demo": ("bot.sandbox", "bot.cli.demo", "bot.cli.scenario.sessions"),
    "postgres": ("storage.postgres",),
}
"""The modules that need an extra: the embedded world, and the engine of an address."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WITHOUT = """
import importlib.abc, json, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
missing, *rest = json.loads(sys.argv[1])
sys.meta_path.insert(0, Missing())
"""
IMPORTING = "import importlib\nfor each in rest[0]: importlib.import_module(each)\n"
RUNNING = "sys.argv[1:] = rest[0]\nfrom bot.cli import main\nmain()\n"


def installed_with(extras: tuple[str, ...]) -> set[str]:
    """Return the distributions that come with the bot and these extras, by their names."""
    wanted = [Requirement(each) for each in PROJECT["dependencies"]]
    wanted += [Requirement(each) for extra in extras for each in PROJECT["optional-dependencies"][extra]]
    found: set[str] = set()
    while wanted:
        requirement = wanted.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found.add(name)
        for each in map(Requirement, importlib.metadata.requires(name) or []):
            if each.marker is None or any(
                each.marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)
            ):
                wanted.append(each)
    return found


def others(extras: tuple[str, ...]) -> list[str]:
    """Return the modules that are installed here and would not be there with these extras."""
    there = installed_with(extras)
    modules = importlib.metadata.packages_distributions().items()
    return [
        module
        for module, distributions in modules
        if module not in {"bot", "storage"} and not {canonicalize_name(each) for each in distributions} & there
    ]


def modules(extras: tuple[str, ...]) -> list[str]:
    """Return the bot's modules, without those that need another extra."""
    away = tuple(each for extra, some in OF_EXTRAS.items() if extra not in extras for each in some)
    paths = [path.relative_to(ROOT) for folder in ("bot", "storage") for path in (ROOT / folder).rglob("*.py")]
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths]
    return [each for each in names if not each.startswith(away)]


def runs(script: str, missing: list[str], *rest: list[str]) -> subprocess.CompletedProcess[str]:
    """Run Python without these modules."""
    environ = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", WITHOUT + script, json.dumps([missing, *rest])],
        capture_output=True, text=True, check=False, env=environ,
    )  # fmt: skip


@pytest.mark.parametrize("extras", [(), ("demo",), ("postgres",)])
def test_every_module_needs_what_is_declared_and_no_more(extras: tuple[str, ...]) -> None:
    """With only what is declared each module is imported: those of an extra with it, the others without."""
    missing = others(extras)
    assert "pytest" in missing
    for extra, module in {"demo": "quickjs", "postgres": "psycopg"}.items():
        assert (module in missing) is (extra not in extras)
    ended = runs(IMPORTING, missing, modules(extras))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_command_at_a_terminal_loads_nothing_of_slacks() -> None:
    """Who stops a session from a terminal does not wait for libraries that only the bot needs."""
    ended = runs(IMPORTING, ["aiohttp", "slack_bolt", "slack_sdk"], ["bot.cli.terminal._command"])
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (["demo"], "quickjs"),
        (["demo", "--tour"], "trustme"),
        (["sandbox"], "quickjs"),
        (["scenario", "check", "order.js"], "trustme"),
    ],
)
def test_a_world_without_its_libraries_says_what_to_install(command: list[str], missing: str) -> None:
    """The absence is told in one line, with what to do, and is the exit code of what is set up wrongly."""
    ended = runs(RUNNING, [missing], command)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert f"{missing.replace('quickjs', 'quickjs-ng')} is not installed" in line
    assert "`make setup`" in line


def test_make_installs_what_the_demo_and_the_tests_need() -> None:
    """Who follows the README has these extras, in the versions of the constraints, which no requirement excludes."""
    assert "--constraint constraints.txt --editable '.[demo,dev,postgres]'" in (ROOT / "Makefile").read_text()
    pinned = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines())
    versions = {canonicalize_name(name): version for name, version in pinned.items()}
    requirements = [
        *PROJECT["dependencies"],
        *(each for some in PROJECT["optional-dependencies"].values() for each in some),
    ]
    for requirement in map(Requirement, requirements):
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), requirement
