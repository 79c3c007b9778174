"""`session-bot restore`: a backup in the place of the database, and what that means for what was done since."""

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.cli._exit_codes import ExitCode
from bot.cli._login_user import actor
from bot.cli.database._database import Unreadable, database_path, refuse_owners, require_file
from bot.life import path_beside
from bot.text import counted
from storage.copies import Restored, restore
from storage.errors import StorageError
from storage.lock import DatabaseInUse, DatabaseLock

_SHOWN: Final = 20
_INSTEAD: Final = "pg_restore puts a dump of it in its place, and `session-bot copy` a file"


def restore_database(environ: Mapping[str, str], cwd: Path, backup: Path) -> int:
    """Restore a backup, and write what became of the database and of what was done since; return the exit code."""
    source = cwd / backup
    try:
        path = database_path(environ, cwd, _INSTEAD)
    except Unreadable as problem:
        sys.stderr.write(f"{problem} Nothing was replaced.\n")
        return ExitCode.nothing_done
    try:
        require_file(source)
        _refuse_place(path)
        with DatabaseLock(path):
            refuse_owners(path)
            found = restore(source, path, actor=actor(), now=datetime.now(UTC))
    except (DatabaseInUse, Unreadable, StorageError, OSError) as problem:
        sys.stderr.write(f"{_why_not(problem, source, path)} Nothing was replaced.\n")
        return ExitCode.nothing_done
    is_set = bool(environ.get("SESSION_BOT_SECRET_KEY", "").strip())
    sys.stdout.write("\n".join(_result(found, path, is_key_set=is_set)) + "\n")
    return ExitCode.done


def _result(found: Restored, path: Path, *, is_key_set: bool) -> Iterator[str]:
    verified = found.verified
    made = "" if found.made_at is None else f", the last before the restore of {found.made_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"{path} is the backup now, sound, with {counted(verified.lines, 'line')} of the audit{made}."
    yield f"Head: {(verified.head or b'').hex()} (line {verified.last})"
    if found.steps:
        yield f"It is of an earlier version, and was brought up to date ({counted(found.steps, 'step')})."
    if found.kept is not None:
        yield f"The database that was there is kept as {found.kept}."
    yield f"The next session is #{found.next_session}: no number that was given since the backup is given again."
    if found.cut_off:
        yield f"{counted(found.cut_off, 'command')} had no outcome yet: the next start tells what is known of them."
    yield from _since(found, path, is_key_set=is_key_set)
    if not is_key_set and not path_beside(path, ".key").exists():
        yield f"The key is not there: put it at {path_beside(path, '.key')} before the start, or no stored URL opens."
    yield "Start the bot: it asks the platform's history about every session that is open in the backup."


def _since(found: Restored, path: Path, *, is_key_set: bool) -> Iterator[str]:
    """Return lines about the sessions that were started since the backup."""
    if found.since is None:
        yield (
            "Which sessions were started since the backup cannot be read. Those that announce themselves are recorded"
            " anew; the others are in the platform's control panel."
        )
        return
    if not found.since:
        yield "No session was started since the backup."
        return
    yield f"Started since the backup, and not in it: {_named(found.since)}. Their buttons and numbers do nothing now."
    if not found.still_open:
        yield "All of them are over."
        return
    yield (
        f"Not over, as far as was known: {_named(found.still_open)}. Those that announce themselves are recorded anew;"
        " for each of the others, before or after the bot starts:"
    )
    key_file, kept = (shlex.quote(str(each)) for each in (path_beside(path, ".key"), found.kept))
    key = "" if is_key_set else f'SESSION_BOT_SECRET_KEY="$(cat {key_file})" '
    yield f"{key}SESSION_BOT_DATABASE={kept} session-bot stop {found.still_open[0]}"


def _named(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _SHOWN:,} more" if len(numbers) > _SHOWN else ""
    return ", ".join(f"#{each}" for each in numbers[:_SHOWN]) + more


def _refuse_place(path: Path) -> None:
    """Raise StorageError where no database can stand, before anything is written beside it."""
    if not path.parent.is_dir() or (path.exists() and not path.is_file()):
        raise StorageError(f"{path}, as SESSION_BOT_DATABASE says, is no file in a directory that is there")


def _why_not(problem: Exception, source: Path, path: Path) -> str:
    match problem:
        case DatabaseInUse():
            return str(problem)
        case Unreadable():
            return f"There is no backup {source} that this user may read."
        case FileExistsError():
            return f"The new name for the present database, {problem.filename2}, is taken: try again."
        case OSError():
            return f"{path} cannot be replaced ({problem.strerror})."
        case _:
            return f"{source} cannot be restored: {str(problem).rstrip('.')}."
