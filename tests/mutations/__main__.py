"""`python -m tests.mutations [NAME…]`: break each guard in a copy of the tree, and print the test that fell.

Ends with 1 where a guard was broken and no test fell, or where its source is not found exactly once.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.mutations.guards import GUARDS, Guard

ROOT: Final = Path(__file__).parents[2]
AT_ONCE: Final = 2
LONGEST_S: Final = 300
FELL: Final = 1
"""The exit code of pytest where tests failed: another one is a mistake, not a fallen test."""


def main() -> int:
    """Print a line for each guard; return 1 if one of them survived."""
    wanted = [each for each in GUARDS if not sys.argv[1:] or each.name in sys.argv[1:]]
    with ThreadPoolExecutor(AT_ONCE) as at_once:
        survivors = [guard.name for guard, fell in zip(wanted, at_once.map(broken, wanted), strict=True) if not fell]
    print(f"{len(wanted) - len(survivors)} of {len(wanted)} guards are held by a test.", *survivors, sep="\n")  # noqa: T201 - for who runs it
    return 1 if survivors or not wanted else 0


def broken(guard: Guard) -> bool:
    """Return whether a test falls without the guard."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__"))
        file = tree / guard.path
        source = file.read_text(encoding="utf-8")
        if source.count(guard.source) != 1:
            print(f"{guard.name}: its source is not in {guard.path} exactly once", flush=True)  # noqa: T201 - for who runs it
            return False
        file.write_text(source.replace(guard.source, guard.broken), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "0",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            *guard.tests.split(),
        ]
        environ = {**os.environ, "PYTHONPATH": str(tree)}
        try:
            ran = subprocess.run(  # noqa: S603 - our own words
                command, cwd=tree, env=environ, capture_output=True, text=True, check=False, timeout=LONGEST_S
            )
        except subprocess.TimeoutExpired:
            print(f"{guard.name}: no test fell within {LONGEST_S} s", flush=True)  # noqa: T201 - for who runs it
            return False
    fallen = next((line for line in ran.stdout.splitlines() if line.startswith("FAILED")), "no test fell")
    print(f"{guard.name}: {fallen.removeprefix('FAILED ').partition(' - ')[0]}", flush=True)  # noqa: T201 - for who runs it
    return ran.returncode == FELL


if __name__ == "__main__":
    sys.exit(main())
