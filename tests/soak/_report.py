"""The result of a run, printed and as RESULTS.md."""

import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil

from tests.soak._judgement import Verdict

RESULTS: Final = Path(__file__).with_name("RESULTS.md")
_LIBRARIES: Final = ("slack-bolt", "slack-sdk", "aiohttp", "httptools", "sqlite-utils")
TITLES: Final = ("Load", "Kills and cuts", "Three replicas on PostgreSQL")
HEAD: Final = """\
# Results of `make soak`

*Load* is 10 minutes of 20 commands a second over 40 channels, with 10,000 announced sessions in the background; 1 % of
the platform's answers hang and 1 % are errors. In the middle a burst of 500, before it a bulk stop of 1,000 sessions of
which 5 % hang. *Kills and cuts* is as long at 10 a second, with kills of the bot and cuts of its connection. *Three
replicas on PostgreSQL* have clocks 2 minutes apart, and every envelope comes to two of them at once; people start and
stop 1,000 sessions on every side, while the leader is killed at each point of its way, held and cut off, replicas are
cut off from the server and from Slack, and the server crashes (`-m immediate`). All is read from outside: from Slack,
platform and database."""
_WORDS: Final = {True: "yes", False: "**no**", None: ""}


def print_verdicts(title: str, verdicts: Sequence[Verdict]) -> None:
    """Print the verdicts of one part."""
    lines = [f"{_WORDS[each.held] or '-':7} {each.what}: {each.found} (must: {each.must})" for each in verdicts]
    print("\n".join([title, *lines]), flush=True)  # noqa: T201 - a script


def write_results(results: Mapping[str, Sequence[Verdict]], seconds: float) -> None:
    """Write the parts that were run into RESULTS.md, each with its facts; those of other parts stay as they are."""
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    kept = dict(part.split("\n", 1) for part in before.split("\n## ")[1:])
    made = {title: f"\n{_facts(verdicts, seconds)}\n\n{_table(verdicts)}\n" for title, verdicts in results.items()}
    sections = {**kept, **made}
    parts = [f"## {title}\n{sections[title].rstrip()}" for title in TITLES if title in sections]
    RESULTS.write_text("\n\n".join([HEAD, *parts]) + "\n", encoding="utf-8")


def _facts(verdicts: Sequence[Verdict], seconds: float) -> str:
    judged = [each for each in verdicts if each.held is not None]
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607 - the git of this machine
    commit = told.stdout.strip() or "unknown"
    machine = f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB"
    return "\n".join(
        [
            f"* Date: {time.strftime('%Y-%m-%d', time.gmtime())}, {seconds / 60:.1f} minutes, commit {commit}",
            f"* Command: `{_command()}`",
            f"* Machine: {machine}, {platform.system()} {platform.release()}, load {os.getloadavg()[2]:.1f}",
            f"* Versions: Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}",
            f"* Held: {sum(bool(each.held) for each in judged)} of {len(judged)}",
        ]
    )


def _command() -> str:
    parts = os.environ.get("SOAK_PARTS")
    return "python -m tests.soak" if parts is None else f'SOAK_PARTS="{parts}" python -m tests.soak'


def _table(verdicts: Sequence[Verdict]) -> str:
    rows = [(each.what, each.must, each.found, _WORDS[each.held]) for each in verdicts]
    lines = [("what", "must", "found", "held"), ("---",) * 4, *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in lines)
