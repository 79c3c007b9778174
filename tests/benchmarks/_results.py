"""RESULTS.md: the tables of one run, with the machine, the versions, the date and the command."""

import platform
import sqlite3
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.benchmarks._figures import Figure, table

RESULTS = Path(__file__).with_name("RESULTS.md")
LIBRARIES = ("slack-bolt", "slack-sdk", "aiohttp", "httptools", "sqlite-utils")


def write_results(figures: Mapping[str, Sequence[Figure]], seconds: float) -> None:
    """Write the file anew, with a section for each title."""
    sections = [f"## {title}\n\n{table(each)}" for title, each in figures.items()]
    RESULTS.write_text("\n\n".join([_head(figures, seconds), *sections]) + "\n", encoding="utf-8")


def _head(figures: Mapping[str, Sequence[Figure]], seconds: float) -> str:
    judged = [each for group in figures.values() for each in group if each.reached is not None]
    lost = [each.what for each in judged if not each.reached]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    lines = [
        "# Results of `make bench`",
        "",
        "Written by `make bench`. A cell is the median of the rounds, smallest and largest in brackets.",
        "Contenders take turns in one run: compare within a row, not with another machine.",
        "",
        f"* Date: {time.strftime('%Y-%m-%d', time.gmtime())}, {seconds / 60:.1f} minutes, commit {_commit()}",
        f"* Machine: {_machine()}",
        f"* Versions: Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
        f"* Reached: {len(judged) - len(lost)} of {len(judged)}.",
    ]
    return "\n".join([*lines, *(f"* Not reached: {each}" for each in lost)])


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607 - the git of this machine
    return told.stdout.strip() or "unknown"


def _machine() -> str:
    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    memory = psutil.virtual_memory().total / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{names[0] if names else platform.machine()}, {psutil.cpu_count()} cores, {memory:.0f} GB, {system}"
