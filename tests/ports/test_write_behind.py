import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable

import psycopg
import pytest

from bot.ports._write_behind import WriteBehind, when_recorded
from bot.process._clock import Clock
from bot.process._tasks import Tasks
from storage import Connection, audit
from storage.store import Store
from tests.commits import counted_commits

NOW = Clock().now()


class QuickClock(Clock):
    """A clock that runs a hundred times faster."""

    async def sleep(self, seconds: float) -> None:
        """Wait a hundredth of it."""
        await asyncio.sleep(seconds / 100)


Locked = Callable[[], contextlib.AbstractContextManager[None]]
REFUSED = (sqlite3.IntegrityError, psycopg.IntegrityError)


def note(db: Connection, words: str) -> str:
    """Write a line that is easy to find."""
    audit.note(db, team="T1", channel="C1", actor="U1", became="done", words=words, now=NOW)
    return words


async def words(store: Store) -> list[str | None]:
    """Read the lines."""
    return [line.words for line in await store.read(audit.lines)]


async def test_what_can_be_recorded_is_recorded_at_once(store: Store) -> None:
    """A write that succeeds is done when it returns, and its own errors are its caller's."""
    write_behind = WriteBehind(store, QuickClock(), Tasks())
    recorded = await write_behind.write(lambda db: note(db, "now"), "a note")
    assert recorded.result() == "now"
    with pytest.raises(REFUSED):
        await write_behind.write(lambda db: db.execute("insert into audit (at) values (null)"), "a bad idea")


async def test_nothing_overtakes_what_is_kept(store: Store, locked: Locked) -> None:
    """What is kept is recorded in the order in which it happened, also with what comes after the lock is gone."""
    write_behind = WriteBehind(store, QuickClock(), Tasks())
    told: list[str] = []
    with locked():
        first = await write_behind.write(lambda db: note(db, "first"), "a note")
        second = write_behind.keep(lambda db: note(db, "second"), "a note")
        when_recorded(second, told.append)
        assert not first.done()
        assert write_behind.size == 2
    third = await write_behind.write(lambda db: note(db, "third"), "a note")
    assert [await first, await second, await third] == ["first", "second", "third"]
    assert await words(store) == ["first", "second", "third"]
    assert told == ["second"]
    assert write_behind.size == 0


async def test_what_can_never_be_recorded_holds_nothing_up(
    store: Store, locked: Locked, caplog: pytest.LogCaptureFixture
) -> None:
    """A job that fails for another reason than the database's state is in the log, and the next one is recorded."""
    write_behind = WriteBehind(store, QuickClock(), Tasks())
    with locked():
        bad = write_behind.keep(lambda db: db.execute("insert into audit (at) values (null)"), "a bad idea")
        good = write_behind.keep(lambda db: note(db, "good"), "a note")
    assert await good == "good"
    assert isinstance(bad.exception(), REFUSED)
    assert "cannot be recorded at all: a bad idea" in caplog.text


async def test_who_no_longer_waits_holds_nothing_up(store: Store, locked: Locked) -> None:
    """A record is made also when the task that waited for it was cancelled."""
    write_behind = WriteBehind(store, QuickClock(), Tasks())
    with locked():
        write_behind.keep(lambda db: note(db, "first"), "a note").cancel()
        second = write_behind.keep(lambda db: note(db, "second"), "a note")
    assert await second == "second"
    assert await words(store) == ["first", "second"]


async def test_what_is_lost_at_the_end_is_said(store: Store, locked: Locked, caplog: pytest.LogCaptureFixture) -> None:
    """When the process ends before the database comes back, the log names everything that is not on disk."""
    tasks = Tasks()
    write_behind = WriteBehind(store, QuickClock(), tasks)
    with locked(), caplog.at_level(logging.CRITICAL):
        write_behind.keep(lambda db: note(db, "first"), "the stop of #7")
        write_behind.keep(lambda db: note(db, "second"), "the outcome of a start")
        await asyncio.sleep(0)
        await tasks.drain(0, QuickClock())
    assert "not known to be recorded: the stop of #7" in caplog.text
    assert "not known to be recorded: the outcome of a start" in caplog.text


async def test_records_of_one_moment_are_one_commit(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """Fifty records of a bulk change the database once; one that fails takes no other along, and is in the log."""
    write_behind, commits = WriteBehind(store, QuickClock(), Tasks()), await counted_commits(store)
    wrong = write_behind.write_together(lambda db: db.execute("insert into audit (at) values (null)"), "a bad idea")
    before = len(commits)
    notes = (write_behind.write_together(lambda db, n=n: note(db, str(n)), "a note") for n in range(50))  # type: ignore[misc]
    failed, *recorded = await asyncio.gather(wrong, *notes)
    assert len(commits) - before == 1
    assert failed.result() is None
    assert "in a record of many" in caplog.text
    assert [each.result() for each in recorded] == [str(number) for number in range(50)]
    assert await words(store) == [str(number) for number in range(50)]


async def test_records_of_one_moment_are_kept_together(store: Store, locked: Locked) -> None:
    """While the database cannot be written, nobody waits for it, and each is told once it is on disk."""
    write_behind = WriteBehind(store, QuickClock(), Tasks())
    with locked():
        kept = await asyncio.gather(*(write_behind.write_together(lambda db: note(db, "late"), "a note") for _ in "12"))
        assert not any(each.done() for each in kept)
        assert write_behind.size == 1
    assert [await each for each in kept] == ["late", "late"]
