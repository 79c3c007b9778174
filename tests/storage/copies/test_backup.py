"""A backup is of one moment, beside a bot that goes on writing, and complete or not there at all."""

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.cli.database._backup import back_up_database
from storage import audit
from storage.copies import back_up
from storage.errors import StorageError
from storage.store import Store
from storage.verification import verify

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def note(db: Database, words: str = "words") -> None:
    """Write a line."""
    audit.note(db, team="T1", channel="C1", actor="U1", became="done", words=words, now=NOW)


def leftovers(folder: Path) -> list[Path]:
    """Return the drafts of copies."""
    return list(folder.glob(".copy.db*"))


async def test_a_backup_beside_writers(store: Store, tmp_path: Path) -> None:
    """While it is made nothing is refused, and it opens as a database whose audit is as it was written."""
    await store.write(lambda db: [note(db, "w" * 1000) for _ in range(3_000)])
    making = asyncio.create_task(asyncio.to_thread(back_up, tmp_path / "bot.db", tmp_path / "copy.db"))
    written = 0
    while not making.done():
        await store.write(note)
        written += 1
    found = await making
    assert written
    assert 3_000 <= found.lines <= 3_000 + written
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert not leftovers(tmp_path)
    restored = Store(tmp_path / "copy.db")
    await restored.open()
    assert (await restored.read(verify)).head == found.head
    await restored.close()


async def test_a_backup_replaces_nothing(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is taken is refused, also the database's own, and stays as it is."""
    await store.write(note)
    (tmp_path / "taken").write_text("mine")
    for name in ("taken", "bot.db"):
        assert back_up_database({"SESSION_BOT_DATABASE": "bot.db"}, tmp_path, Path(name)) == 2
        assert "is there already: nothing was copied" in capsys.readouterr().err
    assert (tmp_path / "taken").read_text() == "mine"
    assert back_up_database({"SESSION_BOT_DATABASE": "bot.db"}, tmp_path, Path("new")) == 0
    assert f"The key of the session URLs is not in it, but in {tmp_path}/bot.db.key" in capsys.readouterr().out


async def test_what_is_not_as_it_was_written_is_not_backed_up(store: Store, tmp_path: Path) -> None:
    """A backup of a changed audit would push out a good one: it is refused, and no file is left."""
    await store.write(note)
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    other.execute("drop trigger audit_keeps_lines")
    other.close()
    with pytest.raises(StorageError, match="lacks audit_keeps_lines"):
        back_up(tmp_path / "bot.db", tmp_path / "copy.db")
    assert not leftovers(tmp_path)
    assert not (tmp_path / "copy.db").is_file()
