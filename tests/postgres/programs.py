"""Where PostgreSQL is installed on this machine."""

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

VARIABLE: Final = "POSTGRES"
OLDEST: Final = 14
DEBIANS: Final = Path("/usr/lib/postgresql")
NEEDED: Final = ("initdb", "pg_ctl", "postgres")
MISSING: Final = (
    f"there is no PostgreSQL {OLDEST} or newer on this machine. On Debian\n`apt-get install --no-install-recommends"
    f" postgresql` installs one, elsewhere {VARIABLE}=/path/to/its/bin names one."
)
"""The end of the sentence that says what was not run."""


@functools.cache
def programs() -> Path | None:
    """Return the folder of the server's programs, the one that the variable names first; None where there is none."""
    return next((folder for folder in _candidates() if _is_whole(folder)), None)


def _candidates() -> Iterator[Path]:
    if (named := os.environ.get(VARIABLE)) is not None:
        yield Path(named)
        return
    if pg_config := shutil.which("pg_config"):
        ran = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603 - found by its name
        yield Path(ran.stdout.strip())
    yield from sorted(DEBIANS.glob("*/bin"), key=lambda path: (len(path.parent.name), path.parent.name), reverse=True)
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


@functools.cache
def version() -> int:
    """Return the major version of the server that was found."""
    folder = programs()
    assert folder is not None, MISSING
    return _version_in(folder)


def _is_whole(folder: Path) -> bool:
    """Return whether all programs are there, and new enough."""
    there = folder.is_absolute() and all(os.access(folder / each, os.X_OK) for each in NEEDED)
    return there and _version_in(folder) >= OLDEST


def _version_in(folder: Path) -> int:
    ran = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the server's program
    found = re.search(r" (\d+)", ran.stdout)
    return int(found[1]) if found else 0
