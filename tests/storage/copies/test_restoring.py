"""A restored backup is the database again, and nothing that was done since it meets another session by its number."""

import asyncio
import contextlib
import itertools
import multiprocessing
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.cli.database._restore import restore_database
from storage import Connection, audit, commands, sessions, starts
from storage.command import CommandState, NewCommand
from storage.copies import Restored, back_up, restore
from storage.errors import StorageError
from storage.lock import DatabaseLock, OwnerLocks
from storage.records import State
from storage.store import Store
from storage.verification import verify
from tests.factories import new_session
from tests.storage.copies.killed import restore_killed
from tests.storage.damage import damaged, nameless, spoilt

pytestmark = pytest.mark.sqlite

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FORKSERVER = multiprocessing.get_context("forkserver")
ENVIRON = {"SESSION_BOT_DATABASE": "bot.db"}


def started(db: Connection, key: str) -> int:
    """Record a start that was accepted, and nothing more; return its session."""
    new = NewCommand(
        key=key, verb="start", actor="U1", team="T1", channel="C1", via="slash", digest=key, owner="gone", at=NOW
    )
    command = commands.admit(db, new, window=None).command.id
    return starts.record_start(db, new_session(), command=command, now=NOW).id


@pytest.fixture
async def backup(store: Store, tmp_path: Path) -> Path:
    """Return a backup with one session, after which two more were started, one of them over."""
    await store.write(lambda db: started(db, "a"))
    back_up(tmp_path / "bot.db", tmp_path / "backup.db")
    await store.write(lambda db: [started(db, "b"), started(db, "c")])
    await store.write(lambda db: sessions.move(db, 2, State.failed, by="bot", event="no", now=NOW))
    await store.close()
    return tmp_path / "backup.db"


def restored(backup: Path) -> Restored:
    """Restore it."""
    return restore(backup, backup.with_name("bot.db"), actor="terminal:ann", now=NOW + timedelta(hours=1))


async def test_a_restore_jumps_over_numbers_and_keeps_the_present_file(backup: Path) -> None:
    """The next session, command and message have numbers that the replaced file never gave; that file is kept whole."""
    found = restored(backup)
    assert (found.since, found.still_open, found.next_session) == ((2, 3), (3,), 4)
    assert found.kept is not None
    kept = Database(found.kept)
    assert [row["id"] for row in kept.query("select id from sessions order by id")] == [1, 2, 3]
    kept.close()
    assert {path.name for path in backup.parent.glob("*-wal")} == set()
    assert (backup.with_name("bot.db")).stat().st_mode & 0o777 == 0o600
    store = Store(backup.with_name("bot.db"))
    await store.open()
    assert await store.write(lambda db: started(db, "d")) == 4
    assert await store.read(lambda db: [each.id for each in commands.unfinished(db)]) == [1, 4]
    assert not (await store.read(verify)).problems
    assert [line.became for line in await store.read(audit.lines) if line.subject == "note"] == ["restored"]
    await store.close()


async def test_what_was_about_to_be_called_counts_as_called(backup: Path) -> None:
    """A start that was accepted when the backup was made went out since: it is unknown and looked for, not failed."""
    assert restored(backup).cut_off == 1
    store = Store(backup.with_name("bot.db"))
    await store.open()
    (command,) = await store.read(commands.unfinished)
    session = await store.read(lambda db: sessions.get(db, 1))
    await store.close()
    assert command.state is CommandState.calling
    assert session is not None
    assert session.state is State.unknown
    assert session.called_at == NOW
    assert "never started again" in session.last_event


@pytest.mark.parametrize("present", [None, b"", b"nonsense" * 1000])
def test_without_a_readable_present_file_the_numbers_jump_far(backup: Path, present: bytes | None) -> None:
    """Where nobody knows which numbers were given, thousands are left out; a damaged file is kept as it is."""
    database = backup.with_name("bot.db")
    database.unlink()
    if present is not None:
        database.write_bytes(present)
    found = restored(backup)
    assert found.since is None
    assert found.next_session == 10_002
    assert (None if found.kept is None else found.kept.read_bytes()) == present


def test_leftovers_of_the_database_alone_are_removed(backup: Path) -> None:
    """What a restore left that was ended amid a change goes, its journal too; another database's stays."""
    folder = backup.parent
    (folder / "bot.db").rename(folder / "bot[1].db")
    its, others = f".bot[1].db.{'0' * 16}", f".bot1.db.{'0' * 16}"
    for name in (its, f"{its}-journal", others):
        (folder / name).touch()
    restore(backup, folder / "bot[1].db", actor="terminal:ann", now=NOW)
    assert [each.name for each in folder.glob(".*")] == [others]


async def test_a_restore_that_is_killed_leaves_the_old_file_or_the_new_one(store: Store, tmp_path: Path) -> None:
    """Killed before any of its steps, the database is whole: as it was, its -wal file included, or as the backup.

    The next restore is done, and leaves nothing of those that were killed.
    """
    database, backup = tmp_path / "its" / "bot.db", tmp_path / "backup.db"
    await store.write(lambda db: started(db, "a"))
    back_up(tmp_path / "bot.db", backup)
    await store.write(lambda db: [started(db, "b"), started(db, "c")])
    outcomes = list[set[int]]()
    for nth in itertools.count(1):
        shutil.rmtree(database.parent, ignore_errors=True)
        database.parent.mkdir()
        for ending in ("", "-wal"):  # as a bot leaves it that was killed
            shutil.copy(tmp_path / f"bot.db{ending}", f"{database}{ending}")
        process = FORKSERVER.Process(target=restore_killed, args=(backup, database, nth))
        process.start()
        await asyncio.to_thread(process.join)
        assert process.exitcode in {0, -signal.SIGKILL}
        after = Store(database)
        await after.open()
        outcomes.append({each.id for each in await after.read(lambda db: sessions.get_each(db, [1, 2, 3]).values())})
        assert (await after.read(verify)).problems == []
        await after.close()
        if not process.exitcode:
            break
        restore(backup, database, actor="terminal:ann", now=NOW)
        kept = f"bot.db.until-{NOW:%Y%m%d-%H%M%S}"
        assert {kept} <= {each.name for each in database.parent.iterdir()}
        assert not list(database.parent.glob(".*"))
        assert database.stat().st_nlink == 1
    assert len(outcomes) > 6
    assert all(each in ({1}, {1, 2, 3}) for each in outcomes)
    assert [{1, 2, 3}, {1}] == [key for key, _ in itertools.groupby(outcomes)]


def foreign(path: Path) -> None:
    """Make it another program's."""
    path.unlink()
    Database(path)["tables"].insert({"a": 1})


def newer(path: Path) -> None:
    """Make it of a newer version."""
    with sqlite3.connect(path) as db:
        db.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('session-bot', 'm999', '')"
        )


def rewritten(path: Path) -> None:
    """Change a line of its audit, and put the trigger back."""
    with sqlite3.connect(path) as db:
        (trigger,) = db.execute("select sql from sqlite_master where name = 'audit_keeps_words'").fetchone()
        db.execute("drop trigger audit_keeps_words")
        db.execute("update audit set actor = 'U666' where id = 1")
        db.execute(trigger)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (foreign, "no database of this bot"),
        (newer, "newer version"),
        (damaged, "cannot be restored"),
        (spoilt, "cannot be restored"),
        (nameless, "the names of its tables are no text"),
        (rewritten, "Line 1 is not as it was written"),
    ],
)
def test_what_cannot_be_run_on_is_refused(
    backup: Path, spoil: Callable[[Path], None], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A backup that is another program's, newer, damaged or rewritten replaces nothing, and leaves no file."""
    spoil(backup)
    before = {path.name: path.read_bytes() for path in backup.parent.iterdir() if path.is_file()}
    assert restore_database(ENVIRON, backup.parent, Path("backup.db")) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.endswith("Nothing was replaced.\n")
    after = {path.name: path.read_bytes() for path in backup.parent.iterdir() if path.is_file()}
    after.pop("bot.db.lock")
    assert before == after


@pytest.mark.parametrize("spoil", [damaged, spoilt, nameless])
def test_a_damaged_file_is_kept_and_replaced(backup: Path, spoil: Callable[[Path], None]) -> None:
    """Wherever the damage of the present file is, the backup takes its place."""
    spoil(backup.with_name("bot.db"))
    found = restored(backup)
    assert found.kept is not None
    assert found.next_session > 1


def test_nothing_is_replaced_under_a_process(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """While a bot or a terminal uses the database, and for a backup that is not there, a sentence says so."""
    folder = backup.parent
    with DatabaseLock(folder / "bot.db"):
        assert restore_database(ENVIRON, folder, backup) == 2
    assert "in use by the process" in capsys.readouterr().err
    owners = OwnerLocks(folder / "bot.db.owners")
    owners.hold("terminal-1")
    assert restore_database(ENVIRON, folder, backup) == 2
    assert "A terminal is doing something" in capsys.readouterr().err
    owners.release("terminal-1")
    with contextlib.closing(sqlite3.connect(folder / "bot.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert restore_database(ENVIRON, folder, backup) == 2
    assert "is being read or written by another program: wait until it ends" in capsys.readouterr().err
    assert restore_database(ENVIRON, folder, Path("nothing")) == 2
    assert "There is no backup" in capsys.readouterr().err
    for place in ("", "no/bot.db"):
        assert restore_database({"SESSION_BOT_DATABASE": str(folder / place)}, folder, backup) == 2
        assert "is no file in a directory that is there. Nothing was replaced." in capsys.readouterr().err
    assert not folder.with_name(f"{folder.name}.lock").exists()
    with pytest.raises(StorageError, match="itself"):
        restore(folder / "bot.db", folder / "bot.db", actor="", now=NOW)


def test_it_says_what_was_started_since_and_how_to_stop_it(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sessions that are not in the backup are named, with the line that stops one by the file that was kept."""
    assert restore_database(ENVIRON, backup.parent, backup) == 0
    said = capsys.readouterr().out
    assert "Started since the backup, and not in it: #2, #3." in said
    assert "Not over, as far as was known: #3." in said
    assert f'SESSION_BOT_SECRET_KEY="$(cat {backup.parent}/bot.db.key)" SESSION_BOT_DATABASE=' in said
    assert "session-bot stop 3" in said
    assert "The next session is #4" in said


def test_the_line_that_stops_is_one_for_the_shell(backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where a folder has a blank or a quote in its name."""
    folder = backup.parent.rename(backup.parent.with_name("the bot's own"))
    (folder / "bot.db.key").write_text("k1\n")
    assert restore_database(ENVIRON, folder, folder / "backup.db") == 0
    (line,) = (each for each in capsys.readouterr().out.splitlines() if each.endswith(" stop 3"))
    typed = line.removesuffix("session-bot stop 3") + "sh -c 'echo \"$SESSION_BOT_SECRET_KEY $SESSION_BOT_DATABASE\"'"
    said = subprocess.run(["/bin/sh", "-c", typed], capture_output=True, check=True, text=True).stdout  # noqa: S603 - the printed line
    assert said.startswith(f"k1 {folder}/bot.db.until-")
