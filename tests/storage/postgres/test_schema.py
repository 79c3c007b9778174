"""The schema on a server: made once, whoever comes first, and read by two neighbouring versions."""

import asyncio
from collections.abc import Iterator

import pytest

from storage.address import ServerAddress
from storage.errors import StorageError
from storage.postgres.schema import STEPS
from storage.store import Store
from tests.postgres.databases import Database, empty_database

pytestmark = pytest.mark.postgres


@pytest.fixture
def database() -> Iterator[Database]:
    """Lend a database with nothing in it."""
    with empty_database() as made:
        yield made


async def come_up(database: Database) -> None:
    """Open a store on it, and close it."""
    store = Store(ServerAddress(database.address))
    await store.open()
    await store.close()


async def test_replicas_that_come_up_at_once_make_each_step_once(database: Database) -> None:
    """One of them makes the schema, and the others wait for it."""
    await asyncio.gather(*(come_up(database) for _ in range(3)))
    with database.connect() as connection:
        made = connection.execute("select name from schema_steps").fetchall()
    assert made == [(each.name,) for each in STEPS]


async def test_the_version_before_goes_on_beside_the_next_one(database: Database) -> None:
    """A step that it does not know stops it only where that step says so."""
    await come_up(database)
    with database.connect() as connection:
        connection.execute("insert into schema_steps (name, readable) values ('p998', 1)")
        await come_up(database)
        connection.execute("insert into schema_steps (name, readable) values ('p999', 0)")
    with pytest.raises(StorageError, match="written by a newer version"):
        await come_up(database)


async def test_another_programs_database_is_left_alone(database: Database) -> None:
    """Its tables may have the same names: nothing is made there."""
    with database.connect() as connection:
        connection.execute("create table sessions (id integer)")
    with pytest.raises(StorageError, match="belongs to another program"):
        await come_up(database)
    with database.connect() as connection:
        assert connection.execute("select to_regclass('commands')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("postgresql://bot:", "postgresql://bot:no", "refuses the user or the password"),
        ("/bot_", "/no_bot_", "no such database"),
        ("$", "?sslmode=require", "TLS"),
        ("$", "?no=1", "is no address of a database"),
    ],
    ids=["password", "database", "tls", "option"],
)
async def test_an_address_that_leads_nowhere_is_told_in_a_sentence(
    database: Database, was: str, becomes: str, says: str
) -> None:
    """What is wrong with it is said, and no password."""
    address = ServerAddress(f"{database.address}$".replace(was, becomes).removesuffix("$"))
    with pytest.raises(StorageError, match=says) as told:
        await Store(address).open()
    assert str(address.password) not in str(told.value)
