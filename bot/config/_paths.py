"""What stands at a path, told without an error: who runs this may be the wrong user, who may not even look."""

import os
from enum import StrEnum
from pathlib import Path


class PathKind(StrEnum):
    """What stands there, as far as this user may know."""

    file = "file"
    unreadable = "unreadable"
    directory = "directory"
    nothing = "nothing"
    hidden = "hidden"


def path_kind(path: Path) -> PathKind:
    """Tell what stands there: a file (`unreadable` to this user, perhaps), a directory, nothing; or it is hidden."""
    try:
        if path.is_dir():
            return PathKind.directory
        path.stat()
    except PermissionError:
        return PathKind.hidden
    except OSError:
        return PathKind.nothing
    return PathKind.file if os.access(path, os.R_OK) else PathKind.unreadable


def is_closed(path: Path) -> bool:
    """Whether something may stand there that this user may not read."""
    return path_kind(path) in {PathKind.hidden, PathKind.unreadable}


def closed_path_words(path: Path | str) -> str:
    """Say so, and what to do."""
    return f"This user may not look at {path}: run this as the bot's user."


def resolve_path(cwd: Path, named: str) -> Path:
    """Read a path as it is set: relative ones start at `cwd`, `~` is home; nobody's home is a name like any other."""
    try:
        return cwd / Path(named).expanduser()
    except RuntimeError:
        return cwd / named


def by_its_own_name(path: Path) -> Path:
    """Follow links: SQLite does, and lock, owners and key of one database must have one place.

    Raises ValueError, with words as `_value_forms` has them, for a link that leads back to itself.
    """
    try:
        return path.resolve()
    except RuntimeError:
        msg = "must not be a link that leads back to itself"
        raise ValueError(msg) from None
