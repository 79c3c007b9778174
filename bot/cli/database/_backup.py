"""`session-bot backup`: a copy of the database, beside a running bot."""

import sys
from collections.abc import Mapping
from pathlib import Path

from bot.cli._exit_codes import ExitCode
from bot.cli.database._database import Unreadable, database_path, opened_for_reading
from bot.text import counted
from storage.copies import back_up
from storage.errors import StorageError


def back_up_database(environ: Mapping[str, str], cwd: Path, to: Path) -> int:
    """Make a backup, and say what is in it and what is not; return the exit code, 0 or 2."""
    target = cwd / to
    try:
        path = database_path(environ, cwd, "pg_dump makes a backup of it, beside running replicas")
        with opened_for_reading(path):
            pass
        found = back_up(path, target)
    except FileExistsError:
        return _refuse(f"{target} is there already: nothing was copied. Name a new file.")
    except Unreadable as problem:
        return _refuse(str(problem))
    except StorageError as problem:
        return _refuse(f"No backup was made: {str(problem).rstrip('.')}.")
    except OSError as problem:
        return _refuse(f"No backup was made: {target} cannot be written ({problem.strerror}).")
    is_set = bool(environ.get("SESSION_BOT_SECRET_KEY", "").strip())
    key = "SESSION_BOT_SECRET_KEY" if is_set else f"{path}.key"
    size = f"{target}: {target.stat().st_size:,} bytes, sound"
    if found is None:
        said = f"{size}. It is of an earlier version, whose audit has no hashes: that is not verified.\n"
    else:
        head = f"Head: {(found.head or b'').hex()} (line {found.last})\n"
        said = f"{size}, with {counted(found.lines, 'line')} of the audit.\n{head}"
    sys.stdout.write(f"{said}The key of the session URLs is not in it, but in {key}: keep a copy of that elsewhere.\n")
    return ExitCode.done


def _refuse(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return ExitCode.nothing_done
