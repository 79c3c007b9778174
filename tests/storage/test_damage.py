"""A damaged database is a sentence in every command that opens one, and never a traceback."""

import asyncio
import contextlib
import io
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli._exit_codes import ExitCode
from bot.cli.database._audit import export, verify_audit
from bot.cli.database._backup import back_up_database
from bot.cli.database._forget import forget
from storage import audit
from storage.copies import back_up
from storage.errors import StorageError
from storage.store import Store
from tests.storage.damage import damaged, nameless, spoilt

pytestmark = pytest.mark.sqlite

ENVIRON = {"SESSION_BOT_DATABASE": "copy.db"}
LINE = {"team": "T1", "channel": "C1", "actor": "U1"}


@pytest.fixture
async def copy(store: Store, tmp_path: Path) -> Path:
    """Return a database that nobody has open, with a line of the audit."""
    await store.write(lambda db: audit.note(db, **LINE, became="done", words="words", now=datetime.now(UTC)))
    back_up(tmp_path / "bot.db", tmp_path / "copy.db")
    return tmp_path / "copy.db"


@pytest.mark.parametrize("spoil", [damaged, spoilt, nameless])
async def test_each_command_tells_of_the_damage(
    copy: Path, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is copied, exported or called sound, and the words say that the file cannot be read."""
    spoil(copy)
    with pytest.raises(StorageError, match=r"cannot be used|damaged|malformed"):
        await read_all(copy)
    assert back_up_database(ENVIRON, copy.parent, Path("other.db")) == ExitCode.nothing_done
    assert verify_audit(ENVIRON, copy.parent, None, io.StringIO()) != ExitCode.done
    assert export(ENVIRON, copy.parent, "csv", io.StringIO()) == ExitCode.nothing_done
    said = capsys.readouterr().err
    assert "No backup was made" in said or "cannot be read" in said
    assert not (copy.parent / "other.db").exists()


async def read_all(path: Path) -> None:
    """Open the database as the bot does, and read its audit."""
    store = Store(path)
    try:
        await store.open()
        await store.write(lambda db: list(audit.lines(db)))
    finally:
        await store.close()


async def test_what_was_forgotten_is_told_also_where_the_file_cannot_be_cleared(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Damage that only the clearing of unused space meets is told beside what was forgotten, and what is left."""
    spoilt(copy, "rule_sources")
    assert await asyncio.to_thread(forget, ENVIRON, copy.parent, "90d", is_dry=False) == ExitCode.done
    said = capsys.readouterr().out
    assert "Forgotten: 0 sessions" in said
    assert "cannot be written anew (database disk image is malformed): remains can stand" in said
    assert "Not in reach of this bot" in said


@pytest.mark.parametrize("moment", ["soon", "\x00", ""])
def test_an_export_ends_at_a_line_that_has_no_moment(
    copy: Path, moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that something else has written is named."""
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.execute("drop trigger audit_keeps_words")
        db.execute("update audit set at = ?", [moment])
    assert export(ENVIRON, copy.parent, "json", io.StringIO()) == ExitCode.nothing_done
    assert "line 1 of the audit is not as it was written" in capsys.readouterr().err
