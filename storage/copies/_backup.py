"""A backup of the database beside a running bot: of one moment, complete or not there at all.

It is one reading transaction, which stops no writer. A writing process in between begins no copy anew, since all steps
are within that transaction.
"""

import contextlib
import os
import secrets
import sqlite3
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from storage._durability import sync
from storage.errors import StorageError
from storage.opening import read_only
from storage.verification import Verified, has_no_hashes_yet, verify

_PAGES: Final = 2_048
"""The pages of a step: between two the copy can be interrupted."""


def back_up(database: Path, to: Path) -> Verified | None:
    """Copy the database into a new file, 0600, verified and on disk; return the verification of its audit.

    None: it is of a version whose audit had no hashes, so that the pages alone are verified.

    Raises FileExistsError for a name that is taken, StorageError where the copy is not sound or its audit not as it was
    written, OSError and StorageUnavailable as they come. In all these cases no file is left.
    """
    if to.exists() or to.is_symlink():
        raise FileExistsError
    draft = to.with_name(f".{to.name}.{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with read_only(database) as db, contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as copy:
            db.execute("begin")
            db.execute("select 1 from sqlite_master").fetchone()  # from here on it is of this moment
            db.conn.backup(copy, pages=_PAGES, sleep=0)  # type: ignore[attr-defined]
            copy.execute("pragma journal_mode = delete")  # one file, complete in itself
            found = _checked(Database(copy))
        sync(draft)
        os.link(draft, to)  # unlike a rename it replaces nothing
        sync(to.absolute().parent)
    finally:
        draft.unlink(missing_ok=True)
    return found


def _checked(db: Database) -> Verified | None:
    said = str(db.execute("pragma integrity_check(1)").fetchone()[0])
    if said != "ok":
        msg = f"the copy is damaged ({said.splitlines()[-1]}), as the database probably is"
        raise StorageError(msg)
    if has_no_hashes_yet(db):
        return None
    found = verify(db)
    if found.problems:
        raise StorageError(f"its audit is not as it was written. {found.problems[0]}")
    return found
