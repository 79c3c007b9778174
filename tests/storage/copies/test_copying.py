"""A database is copied from a file to a server, and back: all of it is the same then, or nothing was copied."""

import contextlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.cli.database._copy import copy_database
from storage import alarms, audit, bulks, commands, messages, names, sessions, starts, stops, verification
from storage.address import ServerAddress
from storage.command import CommandState, NewCommand
from storage.connection import Connection
from storage.copies import copy
from storage.errors import StorageError
from storage.opening import reading
from storage.records import State
from storage.store import Store
from tests.factories import new_session
from tests.postgres.databases import Database, empty_database
from tests.storage.conftest import NOW

pytestmark = pytest.mark.postgres


@pytest.fixture
def server() -> Iterator[Database]:
    """Lend a database with nothing in it."""
    with empty_database() as made:
        yield made


@pytest.fixture
async def file(tmp_path: Path, new_command: Callable[..., NewCommand]) -> Path:
    """Make a file in which something of everything is."""
    path = tmp_path / "bot.db"
    store = Store(path)
    await store.open()

    def fill(db: Connection) -> None:
        for number in range(4):
            start = commands.admit(db, new_command(key=f"slash:{number}"), window=None).command
            session = starts.record_start(db, new_session(custom_data='{"ü": "☎"}'), command=start.id, now=NOW)
            starts.record_running(
                db,
                session.id,
                by="platform",
                event="Started.",
                now=NOW,
                secure_url=b"\x00sealed",
                history_id=number + 9,
            )
            commands.finish(db, start.id, CommandState.done, "Started.", now=NOW)
        stop = commands.admit(db, new_command(key="slash:stop", verb="stop"), window=None).command
        stops.take(db, 2, by="U1", reason="now", command=stop.id, request_id="r", now=NOW)
        found = [each for each in (sessions.get(db, number) for number in (1, 3)) if each is not None]
        bulk = commands.admit(db, new_command(key="slash:bulk", verb="stop"), window=None).command
        bulks.begin(db, bulk.id, found, channel="C1", actor="U1", reason=None, now=NOW)
        sessions.move(db, 4, State.ended, by="history", event="Over.", now=NOW, secure_url=None)
        reply = messages.add_reply(db, 1, "C1", {"text": "a reply", "buttons": True}, command=None, now=NOW)
        assert reply is not None
        messages.posted(db, reply.id, channel="C1", ts="1.2", shown=1)
        alarms.add(db, "C1", 1, reply.id, now=NOW, line="a line")
        names.record_person(db, "U1", "ann")
        audit.note(db, team="T1", channel="C1", actor="U1", became="noted", words="words", now=NOW)

    await store.write(fill)
    await store.close()
    return path


def content(path: Path) -> dict[str, Any]:
    """Return the rows of every table of a file, and the numbers that were given."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        rows = {each: sorted(connection.execute(f"select * from {each}"), key=repr) for each in tables}  # noqa: S608 - of the file
    return {each: found for each, found in rows.items() if not each.startswith("_sqlite")}


async def test_there_and_back_again_everything_is_the_same(file: Path, server: Database, tmp_path: Path) -> None:
    """Every row of every table, and the numbers that come next; on the server the audit is verified as in the file."""
    address, back = ServerAddress(server.address), tmp_path / "back.db"
    there = await copy(file, address)
    with reading(file) as db:
        assert verification.head(db) == (there.verified.last, (there.verified.head or b"").hex())
    assert (await copy(address, back)).verified == there.verified
    assert content(back) == content(file)
    assert there.still_open == 3


async def test_a_bot_goes_on_from_the_copy(
    file: Path, server: Database, new_command: Callable[..., NewCommand]
) -> None:
    """Numbers go on, the chain of the audit goes on, and what a trigger keeps true is kept true."""
    address = ServerAddress(server.address)
    await copy(file, address)
    store = Store(address)
    await store.open()

    def go_on(db: Connection) -> tuple[int, int]:
        command = commands.admit(db, new_command(key="slash:next"), window=None).command
        return starts.record_start(db, new_session(), command=command.id, now=NOW).id, command.id

    assert await store.write(go_on) == (5, 7)
    assert not (await store.read(verification.verify)).problems
    assert (await store.read(sessions.count_by_state))["ended"] == 1
    await store.close()


async def test_what_cannot_be_copied_whole_is_not_copied(file: Path, server: Database, tmp_path: Path) -> None:
    """A database that is not empty stays as it is, and so does the target of a source whose audit was changed."""
    address = ServerAddress(server.address)
    changed = tmp_path / "changed.db"
    shutil.copyfile(file, changed)
    with contextlib.closing(sqlite3.connect(changed)) as connection:
        (trigger,) = connection.execute("select sql from sqlite_master where name = 'audit_keeps_words'").fetchone()
        connection.execute("drop trigger audit_keeps_words")
        connection.execute("update audit set actor = 'U2' where id = 2")
        connection.execute(trigger)
        connection.commit()
    with pytest.raises(StorageError, match="not as it was written"):
        await copy(changed, address)
    await copy(file, address)
    with pytest.raises(StorageError, match="is not empty"):
        await copy(file, address)


async def test_a_database_in_use_is_not_copied(
    file: Path, server: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bot, or a terminal, that is connected would write past the copy; no password is in what is said."""
    store = Store(ServerAddress(server.address))
    await store.open()
    try:
        assert copy_database({}, tmp_path, str(file), server.address) == 2
    finally:
        await store.close()
    said = capsys.readouterr().err
    assert "stop every replica first" in said
    assert str(ServerAddress(server.address).password) not in said


WRONG: Final = [
    ("none.db", "postgresql://h/d", "There is no database"),
    ("bot.db", "other.db", "session-bot backup copies here"),
    ("bot.db", "postgresql://u:a/b@h/d", "%2F"),
    ("postgresql://h/d", "postgresql://h/e", "pg_dump"),
    ("bot.db", None, "Name the new database"),
]


@pytest.mark.parametrize("given", WRONG)
def test_what_is_wrong_is_said_in_a_sentence(
    given: tuple[str, str | None, str], file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing was copied."""
    source, target, says = given
    assert file.exists()
    assert copy_database({}, tmp_path, source, target) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.endswith("Nothing was copied.\n")
