"""`session-bot forget`: what is personal is removed from old sessions, beside a running bot or without one."""

import asyncio
import contextlib
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from bot.cli._exit_codes import ExitCode
from bot.cli._login_user import actor
from bot.cli._setup_problems import storage_sentence
from bot.cli._streams import shown
from bot.cli.database._database import Unreadable, database_address, opened_for_reading
from bot.text import counted
from storage import drafts, forgetting
from storage.address import ServerAddress
from storage.errors import StorageError, StorageUnavailable
from storage.forgetting import Due, Part
from storage.lock import DatabaseLock
from storage.opening import clear_unused
from storage.store import Store

_LEFT: Final = """\
Not in reach of this bot, and left: what stands in Slack; the platform's history, logs and records; backups \
and replaced files; exports of the audit. Ids of people and channels, numbers, states and times stay.
"""
_ON_SERVER: Final = (
    "The server's VACUUM makes the room of what was removed free; what its own backups and logs hold stays.\n"
)
_AGAIN: Final = "Type this again when nothing else uses the database, and its disk has room."
_PAUSE_S: Final = 0.01
"""The pause between two pieces: the bot's own writes come first."""


def forget(environ: Mapping[str, str], cwd: Path, before: str, *, is_dry: bool) -> int:
    """Forget, and print what was done and what is left; return the exit code, 0 or 2."""
    now, path = datetime.now(UTC), database_address(environ, cwd)
    until = _moment(before, now)
    if until is None:
        sys.stderr.write("--before takes days, as 90d, at least 1d, or a past date, as 2026-01-31. Nothing was done.\n")
        return ExitCode.nothing_done
    try:
        with opened_for_reading(path):
            pass
        asyncio.run(_forget(path, until, now, is_dry=is_dry))
    except (Unreadable, StorageError) as problem:
        why = storage_sentence(problem) if isinstance(problem, StorageError) else str(problem)
        sys.stderr.write(f"{why.rstrip('.')}. What was not forgotten yet is as it was.\n")
        return ExitCode.nothing_done
    if is_dry:
        return shown(ExitCode.done)
    if isinstance(path, Path) and (remains := _remains(path)) is not None:
        sys.stdout.write(f"{remains}: remains can stand in unused space of its files. {_AGAIN}\n")
    if not isinstance(path, Path):
        sys.stdout.write(_ON_SERVER)
    return ExitCode.done


def _moment(before: str, now: datetime) -> datetime | None:
    if days := re.fullmatch(r"([1-9][0-9]{0,4})d", before):
        return now - timedelta(days=int(days[1]))
    with contextlib.suppress(ValueError):
        until = datetime.strptime(before, "%Y-%m-%d").replace(tzinfo=UTC)
        return until if until <= now - timedelta(days=1) else None
    return None


async def _forget(path: Path | ServerAddress, before: datetime, now: datetime, *, is_dry: bool) -> None:
    store = Store(path)
    await store.open()
    try:
        found = await store.read(partial(forgetting.due, before=before))
        if is_dry:
            sessions = counted(found.sessions, "session")
            sys.stdout.write(f"{sessions} would be forgotten, and what goes with them. Nothing was changed.\n")
        else:
            counts = await _forget_all(store, before, now)
            sys.stdout.write(counts)
    finally:
        await store.close()
    sys.stdout.write(_kept(found) + _LEFT)


async def _forget_all(store: Store, before: datetime, now: datetime) -> str:
    done = {part: await _forget_part(store, part, before, now) for part in Part}
    await store.write(partial(drafts.forget, before=before))
    names = await store.read(forgetting.unnamed)
    for first in range(0, len(names), forgetting.AT_ONCE):
        await store.write(partial(forgetting.forget_names, ids=names[first : first + forgetting.AT_ONCE]))
        await asyncio.sleep(_PAUSE_S)
    return (
        f"Forgotten: {counted(done[Part.sessions], 'session')}, {counted(done[Part.commands], 'command')}, the words of"
        f" {counted(done[Part.lines], 'line')} of the audit, and {counted(len(names), 'name')}.\n"
    )


async def _forget_part(store: Store, part: Part, before: datetime, now: datetime) -> int:
    """Go through a table, and forget what is due; return the number of rows."""
    done, last = 0, 0
    while True:
        ids, reached = await store.read(partial(forgetting.due_after, part=part, before=before, after=last))
        if reached is None:
            return done
        last = reached
        if ids:
            piece = partial(forgetting.forget, part=part, ids=ids, before=before, actor=actor(), now=now)
            done += await store.write(piece)
            await asyncio.sleep(_PAUSE_S)


def _remains(path: Path) -> str | None:
    """Clear the unused space of the files; return why that must wait, None where it is done."""
    lock = DatabaseLock(path)
    is_alone = lock.try_acquire()
    try:
        is_emptied = clear_unused(path, is_alone=is_alone)
    except StorageUnavailable as problem:
        return f"The database's files cannot be written anew ({problem})"
    finally:
        if is_alone:
            lock.release()
    if not is_alone:
        return "A bot runs"
    return None if is_emptied else "Another program reads the database"


def _kept(found: Due) -> str:
    kept = []
    if found.still_open:
        kept.append(f"{found.still_open:,} that are not over")
    if found.not_settled:
        kept.append(f"{found.not_settled:,} that hold a URL, or of which something waits to be shown or done")
    return f"Of that age, and kept: {', and '.join(kept)}.\n" if kept else ""
