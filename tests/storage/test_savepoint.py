"""A part of a job that fails takes nothing else along, unless the database itself is what fails."""

import pytest
from sqlite_utils import Database

from storage import audit, savepoint
from storage.errors import StorageUnavailable
from storage.store import Store

from .conftest import NOW


def note(db: Database, words: str) -> str:
    """Write a line of the audit; return its words."""
    audit.note(db, team="T1", channel="C1", actor="U1", became="done", words=words, now=NOW)
    return words


async def test_a_part_that_fails_undoes_only_itself(store: Store) -> None:
    """What was done before and after a part that fails is kept, and its error is raised as it is."""

    def broken(db: Database) -> None:
        note(db, "undone")
        raise LookupError

    def job(db: Database) -> None:
        assert savepoint.alone(db, lambda: note(db, "before")) == "before"
        with pytest.raises(LookupError):
            savepoint.alone(db, lambda: broken(db))
        note(db, "after")

    await store.write(job)
    assert [each.words for each in await store.read(audit.lines)] == ["before", "after"]


@pytest.mark.sqlite
@pytest.mark.parametrize("statement", ["select * from nowhere", "rollback"])
async def test_what_the_database_refuses_is_everybodys(store: Store, statement: str) -> None:
    """An error of the database's own, or a commit that it has undone, is no part's alone."""

    def job(db: Database) -> None:
        note(db, "undone")
        savepoint.alone(db, lambda: db.execute(statement))

    with pytest.raises(StorageUnavailable):
        await store.write(job)
    assert await store.read(audit.lines) == []
