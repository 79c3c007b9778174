"""The database's file, for commands that need no other setting than SESSION_BOT_DATABASE."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config import PathKind, closed_path_words, is_closed, path_kind, resolve_path
from bot.life import path_beside
from storage import Connection
from storage.address import ESCAPED, ServerAddress
from storage.errors import StorageUnavailable
from storage.inspection import is_ours
from storage.lock import DatabaseInUse, OwnerLocks
from storage.opening import reading


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with the file, as its sentence does
    """The database cannot be read; the text is one sentence."""


def database_address(environ: Mapping[str, str], cwd: Path) -> Path | ServerAddress:
    """Return the database by its name in the environment: a path, links followed, or the address of one on a server."""
    return ServerAddress.of(environ.get("SESSION_BOT_DATABASE", "").strip()) or _path(environ, cwd)


def database_path(environ: Mapping[str, str], cwd: Path, instead: str) -> Path:
    """Return the path of the database; raises Unreadable where it is on a server, with what to do `instead`."""
    address = database_address(environ, cwd)
    if isinstance(address, ServerAddress):
        raise Unreadable(f"{address} is no file: {instead}.")
    return address


def _path(environ: Mapping[str, str], cwd: Path) -> Path:
    return resolved(cwd, environ.get("SESSION_BOT_DATABASE", "").strip() or "session-bot.db")


def resolved(cwd: Path, named: str) -> Path:
    """Return the path of a file as it is named, links followed."""
    path = resolve_path(cwd, named)
    with contextlib.suppress(RuntimeError, OSError):  # a link that leads back to itself is no file, either
        return path.resolve()
    return path


@contextlib.contextmanager
def opened_for_reading(database: Path | ServerAddress) -> Iterator[Connection]:
    """Open a database of this bot's for reading only; raises Unreadable, also for errors in the block."""
    if isinstance(database, Path):
        require_file(database)
    elif not database.is_clear:
        raise Unreadable(f"SESSION_BOT_DATABASE is no address whose parts can be told apart: {ESCAPED}.")
    try:
        with reading(database) as db:
            if not is_ours(db):
                raise Unreadable(f"{database} is a database, but not one of this bot.")
            yield db
    except StorageUnavailable as problem:
        raise Unreadable(f"{database} cannot be read: {problem}.") from problem


def require_file(path: Path) -> None:
    """Raise Unreadable where there is no file that this user may read."""
    if is_closed(path):
        raise Unreadable(closed_path_words(path))
    if path_kind(path) is not PathKind.file:
        raise Unreadable(f"There is no database {path}: SESSION_BOT_DATABASE says where it is.")


def refuse_owners(path: Path) -> None:
    """Raise DatabaseInUse where a terminal lives that does something on this database."""
    folder = path_beside(path, ".owners")
    locks = OwnerLocks(folder)
    if any(locks.is_alive(each.stem) for each in folder.glob("*.lock")):
        msg = "A terminal is doing something on this database: wait until it ends."
        raise DatabaseInUse(msg)
