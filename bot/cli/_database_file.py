"""The database's file, for commands that need no other setting than SESSION_BOT_DATABASE."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config import PathKind, closed_path_words, is_closed, path_kind, resolve_path
from storage import Connection
from storage.errors import StorageUnavailable
from storage.inspection import is_ours
from storage.opening import read_only


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with the file, as its sentence does
    """The database cannot be read; the text is one sentence."""


def database_path(environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the path of the database by its name in the environment, links followed."""
    path = resolve_path(cwd, environ.get("SESSION_BOT_DATABASE", "").strip() or "session-bot.db")
    with contextlib.suppress(RuntimeError, OSError):  # a link that leads back to itself is no file, either
        return path.resolve()
    return path


@contextlib.contextmanager
def opened_for_reading(path: Path) -> Iterator[Connection]:
    """Open a database of this bot's for reading only; raises Unreadable, also for errors in the block."""
    require_file(path)
    try:
        with read_only(path) as db:
            if not is_ours(db):
                raise Unreadable(f"{path} is a database, but not one of this bot.")
            yield db
    except StorageUnavailable as problem:
        raise Unreadable(f"{path} cannot be read: {problem}.") from problem


def require_file(path: Path) -> None:
    """Raise Unreadable where there is no file that this user may read."""
    if is_closed(path):
        raise Unreadable(closed_path_words(path))
    if path_kind(path) is not PathKind.file:
        raise Unreadable(f"There is no database {path}: SESSION_BOT_DATABASE says where it is.")
