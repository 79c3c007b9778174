"""A part of a job that fails takes nothing else along, unless the database itself is what fails."""

import pytest

from storage import Connection, audit, savepoint
from storage.errors import StorageUnavailable
from storage.store import Store

from .conftest import NOW


def note(db: Connection, words: str) -> str:
    """Write a line of the audit; return its words."""
    audit.note(db, team="T1", channel="C1", actor="U1", became="done", words=words, now=NOW)
    return words


async def test_a_part_that_fails_undoes_only_itself(store: Store) -> None:
    """What was done before and after a part that fails is kept, and its error is raised as it is."""

    def broken(db: Connection) -> None:
        note(db, "undone")
        raise LookupError

    def job(db: Connection) -> None:
        assert savepoint.alone(db, lambda: note(db, "before")) == "before"
        with pytest.raises(LookupError):
            savepoint.alone(db, lambda: broken(db))
        note(db, "after")

    await store.write(job)
    assert [each.words for each in await store.read(audit.lines)] == ["before", "after"]


async def test_what_the_database_refuses_is_everybodys(store: Store) -> None:
    """An error of the database's own is no part's alone."""
    with pytest.raises(StorageUnavailable):
        await store.write(lambda db: partly(db, "select * from nowhere"))
    assert await store.read(audit.lines) == []


@pytest.mark.sqlite
async def test_a_commit_that_was_undone_is_everybodys(store: Store) -> None:
    """SQLite undoes all of a commit by itself, on a full disk say; a server that does so ends the connection."""
    with pytest.raises(StorageUnavailable):
        await store.write(lambda db: partly(db, "rollback"))
    assert await store.read(audit.lines) == []


def partly(db: Connection, statement: str) -> None:
    """Write a line, and run a statement as a part of the job."""
    note(db, "undone")
    savepoint.alone(db, lambda: db.execute(statement))
