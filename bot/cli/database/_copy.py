"""`session-bot copy`: all of a database, from a file to a server or back."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from bot.cli._exit_codes import ExitCode
from bot.cli._hidden_arguments import hide
from bot.cli.database._database import Unreadable, refuse_owners, require_file, resolved
from bot.life import path_beside
from bot.text import counted
from storage.address import ESCAPED, ServerAddress
from storage.copies import Copied, copy, refuse_running
from storage.errors import StorageError
from storage.lock import DatabaseInUse, DatabaseLock

_SERVER_KEY: Final = "Its stored URLs are sealed with the key in {}: put that into SESSION_BOT_SECRET_KEY everywhere."
_FILE_KEY: Final = "Its stored URLs are sealed with the key in SESSION_BOT_SECRET_KEY: the bot on {} needs it, too."

Address = Path | ServerAddress


def copy_database(environ: Mapping[str, str], cwd: Path, source: str, target: str | None) -> int:
    """Copy, and write what was copied; return the exit code, 0 or 2."""
    hide(each.password for each in map(ServerAddress.of, filter(None, (source, target))) if each is not None)
    try:
        there, here = _address(cwd, source, "--from"), _target(environ, cwd, target)
        _refuse_pair(there, here)
        with _at_rest(there), _at_rest(here):
            found = asyncio.run(copy(there, here))
    except (DatabaseInUse, Unreadable, StorageError, OSError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else str(problem).rstrip(".")
        sys.stderr.write(f"{why}. Nothing was copied.\n")
        return ExitCode.nothing_done
    is_set = bool(environ.get("SESSION_BOT_SECRET_KEY", "").strip())
    sys.stdout.write("\n".join(_result(found, there, here, is_key_set=is_set)) + "\n")
    return ExitCode.done


def _address(cwd: Path, text: str, option: str) -> Address:
    address = ServerAddress.of(text.strip())
    if address is not None and not address.is_clear:
        raise Unreadable(f"{option} is no address whose parts can be told apart: {ESCAPED}")
    return address or resolved(cwd, text)


def _target(environ: Mapping[str, str], cwd: Path, target: str | None) -> Address:
    named = target or environ.get("SESSION_BOT_DATABASE", "").strip()
    if not named:
        msg = "Name the new database by --to or in SESSION_BOT_DATABASE"
        raise Unreadable(msg)
    return _address(cwd, named, "--to" if target else "SESSION_BOT_DATABASE")


def _refuse_pair(source: Address, target: Address) -> None:
    """Raise Unreadable unless one is a file and the other on a server: for others there are better ways."""
    if isinstance(source, Path):
        require_file(source)
    if isinstance(source, Path) == isinstance(target, Path):
        instead = "session-bot backup" if isinstance(source, Path) else "pg_dump and pg_restore"
        raise Unreadable(f"One of the two is a file, and the other an address, postgresql://…; {instead} copies here")
    if isinstance(target, Path) and not target.parent.is_dir():
        raise Unreadable(f"There is no directory {target.parent}")


@contextlib.contextmanager
def _at_rest(database: Address) -> Iterator[None]:
    """Raise DatabaseInUse where a bot or a terminal uses the database; keep others away from a file meanwhile."""
    if isinstance(database, ServerAddress):
        refuse_running(database)
        yield
        return
    lock = DatabaseLock(database)
    if not lock.try_acquire():
        raise DatabaseInUse(f"A bot runs on {database}: stop it first")
    try:
        refuse_owners(database)
        yield
    finally:
        lock.release()


def _result(found: Copied, source: Address, target: Address, *, is_key_set: bool) -> Iterator[str]:
    rows = sum(found.rows.values())
    yield (
        f"{target} has all of {source}: {counted(rows, 'row')}, {counted(found.rows['sessions'], 'session')}, of which"
        f" {found.still_open:,} are open, and {counted(found.verified.lines, 'line')} of the audit, verified."
    )
    yield f"Head: {(found.verified.head or b'').hex()} (line {found.verified.last})"
    if isinstance(source, Path) and not is_key_set and path_beside(source, ".key").exists():
        yield _SERVER_KEY.format(path_beside(source, ".key"))
    elif isinstance(target, Path):
        yield _FILE_KEY.format(target)
    yield f"Start the bot on {target} alone: {source} stays as it is, and two bots would each watch all sessions."
