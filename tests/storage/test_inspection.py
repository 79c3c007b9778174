"""What is looked for in a database before anything runs on it, and without a change to it.

Files are looked at before they are opened; of a server that is in `tests.storage.postgres.test_schema`.
"""

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from storage import Connection, inspection, opening
from storage.errors import StorageUnavailable
from storage.sqlite import errors
from storage.sqlite.migrations import migrations

STEP = "insert into _sqlite_migrations (migration_set, name, applied_at) values ('session-bot', ?, '2026-01-01')"

FULL = "/proc" if Path("/proc").is_dir() else "/dev"
"""A directory whose file system never has room."""


def test_a_whole_database_has_nothing_to_tell(db: Connection) -> None:
    """With all steps made there is no reason against it, no step left, no trigger missing and no damage."""
    assert inspection.why_not(db) is None
    assert inspection.steps_left(db) == 0
    assert not inspection.missing_triggers(db)
    assert inspection.damage(db) is None


def test_an_empty_database_has_its_steps_before_it() -> None:
    """In an empty file every step is left, and looking makes none of them."""
    empty = Database(memory=True)
    assert inspection.why_not(empty) is None
    assert inspection.steps_left(empty) == len(migrations.pending(empty))
    assert not inspection.is_ours(empty)
    assert not empty.table_names()


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("step", "says"), [("m001_sessions", "before the first release"), ("m099", "newer version")], ids=["old", "new"]
)
def test_a_database_of_another_version_says_which(db: Database, step: str, says: str) -> None:
    """A step that is not of this version is a reason not to run on it, and the reason tells what to do."""
    db.execute(STEP, [step])
    assert says in (inspection.why_not(db) or "")


def test_a_trigger_that_was_dropped_is_missed(db: Connection, engine: str) -> None:
    """Each trigger that is gone is named."""
    db.execute(f"drop trigger audit_keeps_lines {'on audit' if engine == 'postgres' else ''}")
    assert inspection.missing_triggers(db) == {"audit_keeps_lines"}


def test_what_is_opened_to_be_read_is_not_touched(tmp_path: Path) -> None:
    """A file opened for reading takes no row, a missing one is not made, and a damaged one says that it lasts."""
    sqlite3.connect(tmp_path / "bot.db").close()
    with pytest.raises(StorageUnavailable), opening.read_only(tmp_path / "bot.db") as db:
        db.execute("create table made (id)")
    with pytest.raises(StorageUnavailable) as gone, opening.read_only(tmp_path / "none.db") as db:
        inspection.is_ours(db)
    assert not gone.value.lasts
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("no database " * 100)
    with pytest.raises(StorageUnavailable) as damaged, opening.read_only(tmp_path / "text.db") as db:
        inspection.is_ours(db)
    assert damaged.value.lasts


@pytest.mark.parametrize(
    ("code", "place", "said"),
    [
        (sqlite3.SQLITE_IOERR, f"{FULL}/bot.db", "its disk is full (no)"),
        (sqlite3.SQLITE_IOERR, "/no/bot.db", "no"),
        (sqlite3.SQLITE_BUSY, f"{FULL}/bot.db", "no"),
    ],
)
def test_a_full_disk_is_not_called_an_io_error(code: int, place: str, said: str) -> None:
    """SQLite calls it one where it maps a file beside the database; another error keeps its own words."""
    problem = sqlite3.OperationalError("no")
    problem.sqlite_errorcode = code
    assert errors.cause(problem, Path(place)) == said


def test_a_file_that_cannot_be_written_anew_is_unavailable(tmp_path: Path) -> None:
    """Errors of SQLite become StorageUnavailable, whose words end a sentence."""
    (tmp_path / "bot.db").write_bytes(b"no database" * 100)
    with pytest.raises(StorageUnavailable, match="file is not a database"):
        opening.clear_unused(tmp_path / "bot.db", is_alone=True)
