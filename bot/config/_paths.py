"""Kinds of paths, determined without an error: the wrong user may not even look at them."""

import os
from enum import StrEnum
from pathlib import Path


class PathKind(StrEnum):
    """The kind of a path, as far as this user may know."""

    file = "file"
    unreadable = "unreadable"
    directory = "directory"
    nothing = "nothing"
    hidden = "hidden"


def path_kind(path: Path) -> PathKind:
    """Return the kind: a file (perhaps unreadable to this user), a directory, nothing, or hidden."""
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
    """Return whether something this user may not read may stand there."""
    return path_kind(path) in {PathKind.hidden, PathKind.unreadable}


def closed_path_words(path: Path | str) -> str:
    """Return the sentence about a closed path, with the next step."""
    return f"This user may not look at {path}: run this as the bot's user."


def resolve_path(cwd: Path, named: str) -> Path:
    """Return a path of the settings: relative ones start at `cwd`, `~` is home; an unknown home is a plain name."""
    try:
        return cwd / Path(named).expanduser()
    except RuntimeError:
        return cwd / named


def by_its_own_name(path: Path) -> Path:
    """Return the path with links followed, as in SQLite: lock, owners and key of a database need one place.

    Raises ValueError, with words as `_value_forms` has them, for a link that leads back to itself.
    """
    try:
        return path.resolve()
    except RuntimeError:
        msg = "must not be a link that leads back to itself"
        raise ValueError(msg) from None
