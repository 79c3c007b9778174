"""Another user of the machine, for tests of who may do what: real where the tests run as root, else as root would be.

Root may look at everything, so what is closed to others is closed to `nobody`, whom a process of root's can
become. Anybody else closes a file or directory to themselves by its mode.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

IS_ROOT: Final = os.geteuid() == 0
NOBODY: Final = 65_534

BECOME_NOBODY: Final = f"import os; os.geteuid() or (os.setgroups([]), os.setgid({NOBODY}), os.setuid({NOBODY}))"
"""A line of Python that a process runs when it has imported what it needs: `nobody` may not read our folders."""


def given_to_another(path: Path) -> tuple[int, int]:
    """Change the owner of a file to another user, where possible; return the owner's user and group."""
    if IS_ROOT:
        os.chown(path, NOBODY, NOBODY)
    return path.stat().st_uid, path.stat().st_gid


def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Act as root does. Without root rights the present user owns everything then."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)


def chowned(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return a list that records every change of an owner from now on."""
    given: list[tuple[int, int]] = []
    for name in ("fchown", "lchown"):
        real = getattr(os, name)

        def noted(made: int | Path, user: int, group: int, real: Callable[[int | Path, int, int], None] = real) -> None:
            given.append((user, group))
            real(made, user, group)

        monkeypatch.setattr(os, name, noted)
    return given


def closed_to_others(path: Path) -> None:
    """Close it to every user but root."""
    path.chmod(0o700 if IS_ROOT and path.is_dir() else 0o600 if IS_ROOT else 0)
