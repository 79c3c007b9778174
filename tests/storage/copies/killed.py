"""A process that is killed in the middle of a restore: right before its n-th step at a file or a database."""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from storage.copies import restore
from storage.lock import DatabaseLock

_STEPS: Final = ("os.link", "os.remove", "os.rename", "sqlite3.connect")
"""The steps that Python tells to an audit hook; between two of them no file gets another name."""


def restore_killed(backup: Path, database: Path, nth: int) -> None:
    """Restore, and be killed before the n-th step; a restore that has fewer is done."""
    left = nth

    def count(event: str, _: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in _STEPS:
            return
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    with DatabaseLock(database):
        sys.addaudithook(count)
        restore(backup, database, actor="terminal:ann", now=datetime.now(UTC))
