"""A backup takes the place of the database: it is verified, made safe to go on from, and exchanged in one step.

A backup knows nothing of what happened after it. Numbers that were given since are not given again, and what was about
to be called when it was made counts as called: a bot that goes on from it must not meet another session under a typed
number or an old button, nor say of a start that went out since that nothing was started.

The caller holds the lock of the database.
"""

import contextlib
import glob
import os
import secrets
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from storage import audit, drafts, workspaces
from storage._durability import sync
from storage._ownership import hand_over
from storage.errors import StorageError
from storage.inspection import is_ours, why_not
from storage.opening import read_only
from storage.records import FINAL
from storage.rows import to_column
from storage.sqlite import add_functions
from storage.sqlite.errors import errors_told, is_busy
from storage.stop import in_sql
from storage.upgrading import make_steps
from storage.verification import Verified, verify

_STEP: Final = {"sessions": 10_000, "commands": 1_000_000, "messages": 1_000_000, "bulks": 10_000, "alarms": 1_000_000}
"""The numbers that are left out where nobody knows which were given since the backup."""

_CALLED: Final = (
    "The database was restored from a backup that was made before its start had an answer, so whether it runs is not"
    " known. It is being looked for in the history, never started again."
)
_HELD: Final = "The database was restored from a backup that had its URL, and no outcome: it runs, as far as is known."
_BESIDE: Final = ("-wal", "-journal")
"""The files beside a database that SQLite would take for the other database's."""


_PATIENCE_S: Final = 1.0
"""The time for which another program that reads or writes the present file is waited for."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The result of a restore.

    `kept` is the new name of the file that was replaced; None: there was none. `since` are the numbers of the sessions
    of that file that the backup does not have, and `still_open` those of them that were not over; None: it could not
    be read. `cut_off` commands had no outcome in the backup, and `steps` of its schema were made up for.
    """

    verified: Verified
    made_at: datetime | None
    kept: Path | None
    since: tuple[int, ...] | None
    still_open: tuple[int, ...]
    next_session: int
    cut_off: int
    steps: int


@dataclass(frozen=True)
class _Present:
    """The numbers that the present file has given, and its sessions beyond the backup's, open or not."""

    given: Mapping[str, int]
    since: dict[int, bool]


def restore(backup: Path, database: Path, *, actor: str, now: datetime) -> Restored:
    """Put a backup in the place of the database, and keep the present file under another name.

    Raises StorageError with the end of a sentence for a file that cannot be run on, FileExistsError where the name for
    the present file is taken, OSError and StorageUnavailable as they come. In all these cases nothing was replaced.
    """
    if database.exists() and database.samefile(backup):
        msg = "it is the database itself"
        raise StorageError(msg)
    _clear_leftovers(database)
    draft = database.with_name(f".{database.name}.{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        hand_over(draft, like=database)
        steps = _copy(backup, draft)
        with _opened(draft) as db:
            made_at, last = _last_moment(db), _last_number(db, "sessions")
            present = _look_at(database, last)
            kept = database.with_name(f"{database.name}.until-{now:%Y%m%d-%H%M%S}") if database.exists() else None
            db.execute("begin immediate")
            cut_off = _settle(db, now)
            next_session = _skip_numbers(db, None if present is None else present.given) + 1
            _note(db, made_at, kept, actor, now)
            db.execute("commit")
            verified = _verified(db)
        sync(draft)
        _exchange(draft, database, kept)
    finally:
        draft.unlink(missing_ok=True)
    return Restored(
        verified=verified,
        made_at=made_at,
        kept=kept,
        since=None if present is None else tuple(present.since),
        still_open=() if present is None else tuple(each for each, is_open in present.since.items() if is_open),
        next_session=next_session,
        cut_off=cut_off,
        steps=steps,
    )


def _clear_leftovers(database: Path) -> None:
    """Remove the files of a restore that was ended in the middle: its draft, and the second name of the database.

    The draft can have a journal beside it, with the pages that it was changing.
    """
    its_name = glob.escape(database.name)
    for ending in ("", "-journal"):
        for draft in database.parent.glob(f".{its_name}.{'[0-9a-f]' * 16}{ending}"):
            draft.unlink()
    for name in database.parent.glob(f"{its_name}.until-*"):
        if database.exists() and name.samefile(database):
            name.unlink()


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Database]:
    """Open a draft; raise StorageUnavailable for errors in the block."""
    with errors_told(path), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma synchronous = full")
        add_functions(connection)
        yield Database(connection)


def _copy(backup: Path, draft: Path) -> int:
    """Copy the pages, and bring the copy to this version; return the number of steps that took."""
    with read_only(backup) as db, contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        if not is_ours(db):
            msg = "it is no database of this bot"
            raise StorageError(msg)
        if (why := why_not(db)) is not None:
            raise StorageError(f"it {why}")
        db.conn.backup(copy)  # type: ignore[attr-defined]
        copy.execute("pragma journal_mode = delete")  # one file, complete in itself
    with _opened(draft) as db:
        said = str(db.execute("pragma integrity_check(1)").fetchone()[0])
        if said != "ok":
            raise StorageError(f"it is damaged ({said.splitlines()[-1]})")
        db.execute("begin immediate")
        steps = make_steps(db, f"the copy of {backup}")
        db.execute("commit")
        _verified(db)
    return steps


def _verified(db: Database) -> Verified:
    found = verify(db)
    if found.problems:
        raise StorageError(f"its audit is not as it was written. {found.problems[0]}")
    return found


def _last_moment(db: Database) -> datetime | None:
    """Return the moment of the last line of the audit: the backup was made then or later."""
    row = db.execute("select at from audit order by id desc limit 1").fetchone()
    return None if row is None else datetime.fromisoformat(row[0])


def _last_number(db: Database, table: str) -> int:
    row = db.execute("select seq from sqlite_sequence where name = ?", [table]).fetchone()
    return 0 if row is None else int(row[0])


def _look_at(database: Path, last: int) -> _Present | None:
    """Return what the present file has beyond the backup; None where there is none, or it cannot be read.

    All of it is in the file itself then, and nothing in the -wal file. A file of another program, or one that another
    program reads or writes, is an error: it is in use.
    """
    if not database.exists() or not database.stat().st_size:
        return None
    try:
        with contextlib.closing(sqlite3.connect(database, timeout=_PATIENCE_S, isolation_level=None)) as connection:
            return _looked_at(Database(connection), database, last)
    except sqlite3.Error as problem:
        if is_busy(problem):
            raise StorageError(_in_use(database)) from problem
    except UnicodeDecodeError:  # its tables have damaged names
        return None
    return None


def _looked_at(db: Database, database: Path, last: int) -> _Present:
    if not is_ours(db):
        msg = f"{database} belongs to another program; name a new file in SESSION_BOT_DATABASE"
        raise StorageError(msg)
    rows = db.execute(
        f"select id, state not in {in_sql(FINAL)} from sessions where id > ? order by id", [last]
    ).fetchall()
    given = {table: _last_number(db, table) for table in _STEP}
    is_busy = db.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
    if is_busy:  # what the -wal file holds would be lost if this process ended before the exchange
        raise StorageError(_in_use(database))
    return _Present(given, {number: bool(is_open) for number, is_open in rows})


def _in_use(database: Path) -> str:
    return f"{database} is being read or written by another program: wait until it ends"


def _settle(db: Database, now: datetime) -> int:
    """Mark as called what was about to be, and look for starts without an outcome; return the number of commands.

    The buttons of that time must not act on this state.
    """
    drafts.remove_all(db)
    db.execute(
        "update commands set state = 'calling', called_at = coalesce(called_at, accepted_at) where state = 'accepted'"
    )
    cut_off = db.execute("select count(*) from commands where state = 'calling'").fetchone()[0]
    held = "secure_url is not null or plain_url is not null"
    db.execute(
        f"update sessions set state = iif({held}, 'running', 'unknown'), last_event = iif({held}, ?, ?),"
        " called_at = coalesce(called_at, created_at), changed_at = ?, changed_by = 'bot', version = version + 1"
        " where state = 'starting'",
        [_HELD, _CALLED, to_column(now)],
    )
    return int(cut_off)


def _skip_numbers(db: Database, given: Mapping[str, int] | None) -> int:
    """Skip the numbers that were given since the backup; return the last one of sessions."""
    for table, step in _STEP.items():
        last = _last_number(db, table)
        last = last + step if given is None else max(last, given[table])
        if not db.execute("update sqlite_sequence set seq = ? where name = ?", [last, table]).rowcount:
            db.execute("insert into sqlite_sequence (name, seq) values (?, ?)", [table, last])
    return _last_number(db, "sessions")


def _note(db: Database, made_at: datetime | None, kept: Path | None, actor: str, now: datetime) -> None:
    """Record the restore in the audit."""
    served = workspaces.known(db)
    made = "without a line" if made_at is None else f"whose last line is of {made_at:%Y-%m-%d %H:%M:%S} UTC"
    replaced = "" if kept is None else f" It replaced a database that is kept as {kept.name}."
    audit.note(
        db,
        team="" if served is None else served.team,
        channel="",
        actor=actor,
        became="restored",
        words=f"Restored from a backup {made}: what came after it is not in this audit.{replaced}",
        now=now,
    )


def _exchange(draft: Path, database: Path, kept: Path | None) -> None:
    """Rename the present file, and then the draft: until the last step nothing is replaced.

    What SQLite has left beside a file that could not be read goes with it: it must meet no other file.
    """
    if kept is not None:
        os.link(database, kept)
    for ending in _BESIDE:
        beside = database.with_name(f"{database.name}{ending}")
        if beside.exists() and kept is not None and beside.stat().st_size:
            os.link(beside, kept.with_name(f"{kept.name}{ending}"))
        beside.unlink(missing_ok=True)
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    sync(database.absolute().parent)
    draft.replace(database)
    sync(database.absolute().parent)
