"""The engine on a server that is cut off, or crashes, or has others in its way: nothing is lost, or done twice."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from storage import alarms, commands, outbox, savepoint, sessions, verification, workspaces
from storage.address import ServerAddress
from storage.connection import Connection
from storage.errors import StorageUnavailable
from storage.postgres._connection import PostgresConnection
from storage.store import Store
from tests.factories import new_session
from tests.memory_copy import remembered
from tests.postgres.server import Server, private_server
from tests.postgres.wire import Wire, wire_to
from tests.storage.conftest import NOW

pytestmark = pytest.mark.postgres

_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Run a server of this module's own, since it is made to crash."""
    with private_server() as running:
        yield running


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    """Lay a wire to it."""
    with wire_to(server.port) as laid:
        yield laid


@pytest.fixture
async def store(server: Server, wire: Wire, request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Open a store over the wire, on a database of the test's own."""
    name = f"of_{abs(hash(request.node.name))}"
    with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    opened = Store(ServerAddress(server.address(name, port=wire.port)))
    await opened.open()
    yield opened
    wire.mend()
    await opened.close()


def add(db: Connection) -> int:
    """Record a session; return its number."""
    return sessions.add(db, new_session(), now=NOW).id


async def written(store: Store) -> int:
    """Record a session as soon as that is possible again."""
    async with asyncio.timeout(_WITHIN_S):
        while True:
            try:
                return await store.write(add)
            except StorageUnavailable:
                await asyncio.sleep(0.05)


def database(db: Connection) -> str:
    """Return the name of the database."""
    return str(db.execute("select current_database()").fetchone()[0])


def count(db: Connection) -> int:
    """Return the number of sessions."""
    return int(db.execute("select count(*) from sessions").fetchone()[0])


async def test_a_commit_whose_answer_is_lost_is_asked_for(
    store: Store, wire: Wire, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job was done, and is not done again: its result comes once the server can be asked what became of it."""
    name, runs, cuts = await store.read(database), 0, 0
    send = PostgresConnection._send

    def send_and_hear_nothing(self: PostgresConnection, sql: str, *given: object) -> object:
        nonlocal cuts
        if sql == "commit" and not cuts:
            cuts += 1
            wire.cut(there=False, back=True)
        return send(self, sql, *given)  # type: ignore[arg-type]

    def job(db: Connection) -> int:
        nonlocal runs
        runs += 1
        return add(db)

    def is_there() -> bool:
        with psycopg.connect(server.address(name)) as connection:
            return connection.execute("select 1 from sessions").fetchone() is not None

    monkeypatch.setattr(PostgresConnection, "_send", send_and_hear_nothing)
    writing = asyncio.create_task(store.write(job))
    async with asyncio.timeout(_WITHIN_S):
        while not await asyncio.to_thread(is_there):  # noqa: ASYNC110 - another connection sets no event
            await asyncio.sleep(0.01)
    wire.reset()
    with pytest.raises(StorageUnavailable):
        await store.write(add, first=True)
    assert not writing.done()
    wire.mend()
    assert await writing == 1
    assert runs == 1
    await written(store)
    assert await store.read(count) == 2


async def test_open_sessions_can_be_read_while_it_is_cut_off(store: Store, wire: Wire) -> None:
    """They are kept in memory; nothing can be recorded, which is said, and both are as before when it is back."""
    number = await store.write(add)
    await remembered(store)
    wire.cut()
    with pytest.raises(StorageUnavailable):
        await store.write(add)
    found = await store.read(lambda db: sessions.get(db, number))
    assert found is not None
    assert found.id == number
    for elsewhere in (commands.last_number, outbox.due, verification.head, alarms.to_show, workspaces.known):
        with pytest.raises(StorageUnavailable):
            await store.read(elsewhere)  # nothing is not an answer
    assert not await store.read(lambda db: commands.was_seen(db, "U1", "T1"))
    wire.mend()
    await written(store)
    assert await store.read(count) == 2


async def test_a_crash_of_the_server_loses_nothing_that_was_told(store: Store, server: Server) -> None:
    """What was told to be recorded is there, once, and what was told not to be is not."""
    told, refused = list[int](), 0

    async def write_on() -> None:
        nonlocal refused
        for _ in range(60):
            try:
                told.append(await store.write(add))
            except StorageUnavailable:
                refused += 1
                await asyncio.sleep(0.05)

    writing = asyncio.create_task(write_on())
    while len(told) < 10:  # noqa: ASYNC110 - the list sets none
        await asyncio.sleep(0)
    await asyncio.to_thread(server.restart)
    await writing
    await written(store)
    assert len(told) + refused == 60
    assert await store.read(count) == len(told) + 1
    assert len(set(told)) == len(told)


async def test_a_job_runs_again_when_others_were_in_its_way(store: Store) -> None:
    """A conflict undoes the whole transaction, and all its jobs are run again; one that fails by itself is not."""
    runs = 0

    def job(db: Connection) -> int:
        nonlocal runs
        runs += 1
        number = add(db)
        if runs < 3:
            db.execute("do $$ begin raise exception using errcode = '40001'; end $$")
        return number

    _, *others = await asyncio.gather(store.write(job), *(store.write(add) for _ in range(3)))
    assert runs == 3
    assert len(set(others)) == 3
    assert await store.read(count) == 4
    with pytest.raises(ZeroDivisionError):
        await store.write(lambda _: 1 // 0)


async def test_a_connection_that_is_lost_within_a_part_of_a_job_undoes_all_of_it(store: Store) -> None:
    """A job that leaves out what failed of its parts is run again as a whole, and the next ones are recorded, too."""
    runs = 0

    def part(db: Connection) -> int:
        if runs < 2:
            db.execute("select pg_terminate_backend(pg_backend_pid())")
        return add(db)

    def job(db: Connection) -> list[int | None]:
        nonlocal runs
        runs += 1
        add(db)
        parts = []
        for _ in range(2):
            with contextlib.suppress(StorageUnavailable):
                parts.append(savepoint.alone(db, lambda: part(db)))
        return parts

    async with asyncio.timeout(_WITHIN_S):
        parts = await store.write(job)
        await written(store)
    assert runs == 2
    assert len(set(parts)) == 2
    assert await store.read(count) == 4


async def test_others_are_told_of_what_is_committed(store: Store, server: Server) -> None:
    """Each commit wakes those who wait in another process, and not who made it."""
    name = await store.read(database)
    other = Store(ServerAddress(server.address(name)))
    await other.open()
    try:
        woken, ours = asyncio.create_task(other.changed.wait()), asyncio.create_task(store.changed.wait())
        await asyncio.sleep(0)
        before = await store.version()
        async with asyncio.timeout(_WITHIN_S):
            while not woken.done():
                await store.write(add)
        assert not ours.done()
        assert await store.version() == before
        ours.cancel()
    finally:
        await other.close()


async def test_the_lines_of_the_audit_are_their_owners_to_read_alone(store: Store, server: Server) -> None:
    """By rights, beside the triggers: nobody but a superuser may change or remove one."""
    name = await store.read(database)
    with psycopg.connect(server.address(name), autocommit=True) as connection:
        allowed = connection.execute(
            "select privilege_type from information_schema.role_table_grants where table_name = 'audit'"
        ).fetchall()
    assert not {"UPDATE", "DELETE", "TRUNCATE"} & {each for (each,) in allowed}
