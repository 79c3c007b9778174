"""A database of any earlier step of the schema is run on, or restored, as it stood; a killed upgrade has no effect."""

import asyncio
import contextlib
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlite_utils import Database

from storage import Connection, audit, commands, messages, sessions
from storage.command import CommandState
from storage.copies import back_up, restore
from storage.inspection import steps_left
from storage.records import State
from storage.sqlite.migrations import APPLICATION_ID, migrations
from storage.store import Store
from storage.verification import verify
from tests.factories import new_session
from tests.forked import Forked

NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
AT: Final = "2026-03-01T02:14:00+00:00"
STEPS: Final = tuple(each.name for each in migrations.pending(Database(memory=True)))

SESSION: Final = {**new_session().__dict__, "state": "starting", "last_event": "x", "changed_by": "U1"} | dict.fromkeys(
    ("changed_at", "created_at"), AT
)
COMMAND: Final = {
    "key": "k", "verb": "start", "actor": "U1", "team": "T1", "channel": "C1", "via": "slash", "digest": "d",
    "state": "accepted", "accepted_at": AT, "owner": "gone",
}  # fmt: skip
TRAP: Final = """
    create trigger trap after update on audit when new.id = (select max(id) from audit) begin
        update probe set number =
            (with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n);
    end
"""
"""Has an upgrade come to its middle, and stay there."""


def made_at(step: str, path: Path) -> None:
    """Make a database as the version that ended with this step left it: a session that runs, and one that is over."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute(f"pragma application_id = {APPLICATION_ID}")
        db = Database(connection)
        later = STEPS[STEPS.index(step) + 1 :]
        migrations.apply(db, stop_before=later[0] if later else None)
        rows = {name: value for name, value in SESSION.items() if name in db["sessions"].columns_dict}
        db["commands"].insert_all([COMMAND, COMMAND | {"key": "l", "verb": "stop", "intent": "{}"}])  # type: ignore[union-attr]
        db["sessions"].insert_all([rows, rows | {"custom_data": "é"}])  # type: ignore[union-attr]
        db["messages"].insert_all(  # type: ignore[union-attr]
            [{"channel": "C1", "kind": "card", "session": each, "created_at": AT} for each in (1, 2)]
        )
        db.execute(
            "update commands set session = 1, state = 'done', outcome = 'Started.', done_at = ? where id = 1", [AT]
        )
        db.execute(
            "update sessions set state = 'running', secure_url = ?, version = version + 1 where id = 1", [b"sealed"]
        )
        db.execute("update sessions set state = 'running', version = version + 1 where id = 2")
        db.execute("update sessions set state = 'ended', ended_at = ?, version = version + 1 where id = 2", [AT])
        db.execute("update messages set ts = '1.2', shown = wanted where id = 1")


def is_as_it_stood(db: Connection) -> None:
    """See that its rows are what they were, and that its audit is in order."""
    runs, over = sessions.get(db, 1), sessions.get(db, 2)
    assert runs is not None
    assert over is not None
    assert (runs.state, runs.secure_url, runs.rule_name, runs.stop) == (State.running, b"sealed", "obedient", None)
    assert (over.state, over.custom_data, over.has_url) == (State.ended, "é", False)
    assert [each.id for each in sessions.watched(db)] == [1]
    assert sessions.count_by_state(db) == {"running": 1, "ended": 1}
    started, stop = commands.by_key(db, "k"), commands.by_key(db, "l")
    assert started is not None
    assert stop is not None
    assert (started.state, started.session, started.outcome) == (CommandState.done, 1, "Started.")
    assert messages.session_of_thread(db, "C1", "1.2") is not None
    lines = [(line.session, line.became) for line in audit.every(db) if line.subject == "session"]
    assert lines == [(1, "starting"), (2, "starting"), (1, "running"), (2, "running"), (2, "ended")]
    found = verify(db)
    assert found.problems == []


@pytest.mark.parametrize("step", STEPS)
async def test_a_database_of_each_step_is_backed_up_restored_and_run_on(step: str, tmp_path: Path) -> None:
    """Rows, audit, numbers and state are as they stood, and what happens next is recorded as with any other."""
    made_at(step, tmp_path / "bot.db")
    backup, restored = tmp_path / "backup.db", tmp_path / "restored.db"
    found = back_up(tmp_path / "bot.db", backup)
    assert (found is None) == (step < "m006")
    back = restore(backup, restored, actor="terminal:ann", now=NOW)
    assert back.steps == len(STEPS) - STEPS.index(step) - 1
    assert back.next_session == 10_003
    for path in (tmp_path / "bot.db", restored):
        store = Store(path)
        await store.open()
        try:
            await store.read(is_as_it_stood)
            await store.write(
                lambda db: sessions.move(db, 1, State.ended, by="history", event="Over.", now=NOW, secure_url=None)
            )
            await store.write(lambda db: sessions.add(db, new_session(), now=NOW))
            assert await store.read(sessions.count_by_state) == {"starting": 1, "ended": 2}
            assert (await store.read(verify)).problems == []
        finally:
            await store.close()


async def test_an_upgrade_that_is_killed_changed_nothing(tmp_path: Path) -> None:
    """It is said before it begins that it takes long; killed when pages are written, it is as if it had not begun."""
    path = tmp_path / "session-bot.db"
    made_at("m004", path)
    note = "insert into audit (at, subject, team, channel, actor, became, words) values (?, 'note', '', '', '', 'x', ?)"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executemany(note, [[AT, "w" * 4_000]] * 1_000)
        db.execute("insert into probe (id, number) values (1, 0)")
        db.execute(TRAP)
        db.commit()
        before = list(db.iterdump())
    log = tmp_path / "log"
    with log.open("wb") as stderr:
        process = Forked(["forget", "--before", "90d"], environ={}, cwd=tmp_path, stderr=stderr.fileno())
    wal = tmp_path / "session-bot.db-wal"
    async with asyncio.timeout(30):
        while not wal.exists() or wal.stat().st_size < 1_000_000:
            assert process.returncode is None, log.read_text()
            await asyncio.sleep(0.01)
    process.kill()
    said = log.read_text()
    assert "it has 2 sessions, and a million takes some minutes. Let it run" in said
    assert "is up to date" not in said
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        assert list(db.iterdump()) == before
        assert steps_left(Database(db)) == len(STEPS) - STEPS.index("m004") - 1
        db.execute("drop trigger trap")
    store = Store(path)
    await store.open()
    await store.read(is_as_it_stood)
    await store.close()
