"""RESULTS.md: the tables of one run, with the machine, the versions, the date and the command.

The plots of docs/images, and the README's section of figures, are written from the same run.
"""

import platform
import sqlite3
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.benchmarks._figures import Figure, table
from tests.benchmarks._plots import bars

RESULTS = Path(__file__).with_name("RESULTS.md")
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- figures: make bench writes them -->", "<!-- end of figures -->"
PLOTS = {
    "acks": ("Acks", "ack p99, platform hanging", "Until commands are acked while the platform hangs, p99"),
    "engines": (
        "On a file, on a server, and as three replicas",
        "ack p99",
        "Until commands are acked, on a file and on a server",
    ),
    "stops": ("Stops of many sessions", "bulk stop of", "Until the last of many stops is delivered"),
}
"""The plots by the name of their file: the section and the beginning of the rows that they show, and their title."""

_HEAD = (
    "# Results of `make bench`",
    "",
    "Written by `make bench`. A cell is the median of the rounds, smallest and largest in brackets.",
    "Contenders take turns in one run: compare within a row, not with another machine.",
    "",
)
LIBRARIES = ("slack-bolt", "slack-sdk", "aiohttp", "httptools", "sqlite-utils")


def write_results(figures: Mapping[str, Sequence[Figure]], seconds: float) -> None:
    """Write the file anew, with a section for each title; the plots, and the README's section, too."""
    sections = [f"## {title}\n\n{table(each)}" for title, each in figures.items()]
    summary = _summary(figures, seconds)
    head = "\n".join([*_HEAD, *summary])
    RESULTS.write_text("\n\n".join([head, *sections]) + "\n", encoding="utf-8")
    for name, (section, beginning, title) in PLOTS.items():
        shown = [each for each in figures.get(section, ()) if each.what.startswith(beginning)]
        (README.parent / "docs" / "images" / f"{name}.svg").write_text(bars(title, shown), encoding="utf-8")
    _write_readme(summary)


def in_readme() -> list[str]:
    """Return the lines of the README's section that `make bench` writes."""
    return README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip().splitlines()


def _write_readme(summary: Sequence[str]) -> None:
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    images = [f"![{title}](docs/images/{name}.svg)" for name, (_, _, title) in PLOTS.items()]
    inner = "\n".join([BEGIN, "", *images, "", *summary, "", END])
    README.write_text(f"{before}{inner}{rest.partition(END)[2]}", encoding="utf-8")


def _summary(figures: Mapping[str, Sequence[Figure]], seconds: float) -> list[str]:
    judged = [each for group in figures.values() for each in group if each.reached is not None]
    lost = [each.what for each in judged if not each.reached]
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        f"* Date: {time.strftime('%Y-%m-%d', time.gmtime())}, {seconds / 60:.1f} minutes, commit {_commit()}",
        f"* Machine: {_machine()}",
        f"* Versions: Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
        f"* Reached: {len(judged) - len(lost)} of {len(judged)}{_but(lost)}",
    ]


def _but(lost: Sequence[str]) -> str:
    return f"; not {'; not '.join(lost)}." if lost else "."


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
