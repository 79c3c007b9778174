import asyncio
import contextlib
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psycopg
import pytest
from sqlite_utils import Database

from storage import alarms, audit, commands, outbox, sessions, workspaces
from storage.address import ServerAddress
from storage.engine import Writer, _job_queue
from storage.engine._threads import _FIRST_PATIENCE_S
from storage.errors import StorageError, StorageUnavailable
from storage.probing import probe
from storage.records import State
from storage.sqlite._engine import WAL_BYTES, _prepare
from storage.sqlite.migrations import APPLICATION_ID
from storage.store import Store
from tests.commits import counted_commits
from tests.factories import locked_file, new_session, opened
from tests.memory_copy import remembered
from tests.postgres.databases import Database as Postgres
from tests.postgres.databases import connection_to

from .conftest import NOW, Committed


def note(db: Database, words: str) -> None:
    """Write a line that is easy to count."""
    audit.note(db, team="T1", channel="C1", actor="U1", became="done", words=words, now=NOW)


Locked = Callable[[], contextlib.AbstractContextManager[None]]


@contextlib.asynccontextmanager
async def read_only(store: Store, database: Postgres | None) -> AsyncIterator[None]:
    """Have all writes refused, by SQLite or by a server that has become a standby."""
    if database is None:
        await store.write(lambda db: db.execute("pragma query_only = on"))
        yield
        return
    with database.read_only():
        while READ_ONLY["postgres"] not in str(await store.examine()):  # noqa: ASYNC110 - it connects again first
            await asyncio.sleep(0.02)
        yield


LOCKED = {"sqlite": "locked", "postgres": "others are writing to it"}
READ_ONLY = {"sqlite": "readonly", "postgres": "takes no writes now"}
UNREADABLE = {"sqlite": "damaged", "postgres": "does not answer"}
UNREAD = {"sqlite": "not a database|malformed", "postgres": "cannot be reached"}
REFUSED = (sqlite3.IntegrityError, psycopg.Error)


AT_MOST = {"sqlite": 2, "postgres": 60}
"""The commits of two hundred jobs: on a server those of other processes have a turn after each tenth of a second."""


def made_by(path: Path, *statements: str) -> Path:
    """Make a database as somebody else would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def modes(folder: Path) -> dict[str, int]:
    """Return the rights on each file of a folder."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def refused(path: Path | ServerAddress) -> str:
    """Open a database that must not be opened; give the sentence."""

    async def opened() -> None:
        store = Store(path)
        try:
            await store.open()
        finally:
            await store.close()

    with pytest.raises(StorageError) as caught:
        asyncio.run(opened())
    return str(caught.value)


async def test_two_hundred_at_once_are_all_recorded(store: Store, committed: Committed) -> None:
    """Two hundred writes at once are all on disk when they have their answers, in the order they came."""
    await asyncio.gather(*(store.write(lambda db, n=n: note(db, str(n))) for n in range(200)))
    assert committed() == [str(n) for n in range(200)]


async def test_an_answer_comes_after_the_commit(store: Store, committed: Committed) -> None:
    """The caller that has the result of a write finds it on disk, whatever else is being written."""

    async def write_and_look(n: int) -> bool:
        await store.write(lambda db: note(db, str(n)))
        return str(n) in committed()

    assert all(await asyncio.gather(*(write_and_look(n) for n in range(50))))


async def test_what_waits_is_committed_together(store: Store, engine: str) -> None:
    """Writes that wait for one another's commit share the next one, so that many at once are quick."""
    commits = await counted_commits(store)
    await asyncio.gather(*(store.write(lambda db, n=n: note(db, str(n))) for n in range(200)))
    assert len(commits) <= 5 * AT_MOST[engine]


async def test_a_burst_of_admissions_is_one_commit(store: Store, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes that go first, and come in round after round of the event loop, share one commit after the last."""
    monkeypatch.setattr(_job_queue, "GATHERED_S", 60)  # a busy machine takes long for 200 rounds

    async def come_late(rounds: int) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)
        await store.write(lambda db: note(db, f"round {rounds}"), first=True)

    commits = await counted_commits(store)
    await asyncio.gather(*map(come_late, range(200)))
    assert len(commits) <= AT_MOST[engine]


async def test_an_admission_is_committed_next(store: Store, committed: Committed) -> None:
    """A write that goes first, which comes while a thousand others wait, is the next commit, and in that alone."""
    begun, goes_on = threading.Event(), threading.Event()

    def waits(db: Database, number: int) -> None:
        note(db, str(number))
        if number < 2:
            begun.set()
            goes_on.wait(30)  # where admissions do not go first, nobody lets it go on, and the test falls
            goes_on.clear()

    others = [asyncio.create_task(store.write(lambda db, n=n: waits(db, n))) for n in range(1000)]
    await asyncio.to_thread(begun.wait)
    admissions = [asyncio.create_task(store.write(lambda db, n=n: note(db, f"first {n}"), first=True)) for n in "ab"]
    for _ in range(5):  # they are handed over in the round after the one that brings no further
        await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(*admissions)
    assert committed() == ["0", "first a", "first b"]
    goes_on.set()
    await asyncio.gather(*others)
    assert committed() == ["0", "first a", "first b", *map(str, range(1, 1000))]


async def test_an_admission_behind_long_work_waits_for_it(store: Store, committed: Committed) -> None:
    """What waits behind work, and not behind a commit that hangs, is not refused: the disk is not slow."""
    goes_on = threading.Event()
    work = asyncio.create_task(store.write(lambda _: goes_on.wait(30)))
    admission = asyncio.create_task(store.write(lambda db: note(db, "first"), first=True))
    await asyncio.wait([admission], timeout=_FIRST_PATIENCE_S + 0.3)
    goes_on.set()
    await asyncio.gather(work, admission)
    assert committed() == ["first"]


async def test_the_rest_of_a_cut_batch_is_done_at_the_end(store: Store, committed: Committed) -> None:
    """What is put back behind an admission is committed too, when the store is closed meanwhile."""
    begun, goes_on = threading.Event(), threading.Event()

    def waits(db: Database) -> None:
        note(db, "waited")
        begun.set()
        goes_on.wait()

    writes = [asyncio.create_task(store.write(waits))]
    await asyncio.to_thread(begun.wait)
    writes += [asyncio.create_task(store.write(lambda db, n=n: note(db, str(n)))) for n in range(3)]
    writes.append(asyncio.create_task(store.write(lambda db: note(db, "first"), first=True)))
    await asyncio.sleep(0)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(closing, *writes)
    assert committed() == ["waited", "first", "0", "1", "2"]


@pytest.mark.parametrize(
    "statement",
    ["insert into audit (became) values (null)", "select * from nowhere", "delete from audit"],
)
async def test_a_failing_job_undoes_only_itself(store: Store, committed: Committed, statement: str) -> None:
    """A job that fails in a batch, whatever the error, tells its own caller and leaves the others' writes."""

    def failing(db: Database) -> None:
        note(db, "half done")
        db.execute(statement)

    jobs = [lambda db, n=n: note(db, str(n)) for n in range(20)]
    jobs.insert(10, failing)
    results = await asyncio.gather(*(store.write(job) for job in jobs), return_exceptions=True)
    assert [place for place, result in enumerate(results) if result is not None] == [10]
    assert committed() == [str(n) for n in range(20)]


async def test_a_caller_who_went_away_holds_nobody_up(store: Store, committed: Committed) -> None:
    """A write whose caller was cancelled is still done, and the next ones are answered."""
    gone = asyncio.create_task(store.write(lambda db: note(db, "gone")))
    await asyncio.sleep(0)
    gone.cancel()
    await store.write(lambda db: note(db, "next"))
    assert committed() == ["gone", "next"]


async def test_a_locked_database_is_told_and_can_be_read(
    store: Store, locked: Locked, engine: str, committed: Committed
) -> None:
    """While another connection holds the lock, a write is refused with nothing recorded, and reads go on."""
    await store.write(lambda db: note(db, "before"))
    with locked():
        with pytest.raises(StorageUnavailable, match=LOCKED[engine]):
            await store.write(lambda db: note(db, "refused"))
        assert [line.words for line in await store.read(audit.lines)] == ["before"]
    await store.write(lambda db: note(db, "after"))
    assert committed() == ["before", "after"]


async def test_a_lock_released_in_time_is_not_noticed(store: Store, locked: Locked, committed: Committed) -> None:
    """A write that comes while another program writes waits for it, and is recorded."""
    with locked():
        writing = asyncio.create_task(store.write(lambda db: note(db, "waited")))
        await store.read(audit.lines)
    await writing
    assert committed() == ["waited"]


async def test_a_read_only_database_is_told(store: Store, database: Postgres | None, engine: str) -> None:
    """Where the database takes no writes, a write and the probe are refused with that, and reads go on."""
    await store.write(lambda db: note(db, "before"))
    async with read_only(store, database):
        for job in (probe, lambda db: note(db, "refused")):
            with pytest.raises(StorageUnavailable, match=READ_ONLY[engine]):
                await store.write(job)
        assert [line.words for line in await store.read(audit.lines)] == ["before"]


@pytest.mark.sqlite
async def test_a_full_disk_undoes_what_did_not_fit(store: Store, committed: Committed) -> None:
    """What does not fit is refused whole, its companions are told the truth, and there is a way back.

    A server's disk is full for all its databases at once: no test can fill it.
    """
    await store.write(lambda db: db.execute(f"pragma max_page_count = {_pages(db)}"))
    jobs = [lambda db, n=n: note(db, str(n) * 5_000) for n in range(10)]
    results = await asyncio.gather(*(store.write(job) for job in jobs), return_exceptions=True)
    assert any(isinstance(result, StorageUnavailable) for result in results)
    kept = [str(n) * 5_000 for n, result in enumerate(results) if result is None]
    assert committed() == kept
    await store.write(lambda db: db.execute("pragma max_page_count = 100000"))
    await store.write(lambda db: note(db, "room again"))
    assert committed()[-1] == "room again"


def _pages(db: Database) -> int:
    return int(db.execute("pragma page_count").fetchone()[0])


async def test_a_reading_is_of_one_moment(store: Store, tmp_path: Path, database: Postgres | None) -> None:
    """Everything that one read sees is of the same moment, also when somebody writes in between."""

    def twice(db: Database) -> tuple[int, int]:
        before = len(audit.lines(db))
        with opened(tmp_path / "bot.db") if database is None else connection_to(database) as other:
            note(other, "in between")
        return before, len(audit.lines(db))

    assert await store.read(twice) == (0, 0)
    assert len(await store.read(audit.lines)) == 1


async def test_a_reader_cannot_write(store: Store, engine: str) -> None:
    """The connection for reading refuses to write."""
    with pytest.raises(StorageUnavailable, match=READ_ONLY[engine]):
        await store.read(lambda db: note(db, "never"))


@pytest.mark.sqlite
async def test_the_promises_of_the_connections(store: Store) -> None:
    """Both connections keep foreign keys, WAL and a full sync of every commit; all tables are strict."""
    for ask in (store.read, store.write):
        pragmas = {
            name: await ask(lambda db, name=name: db.execute(f"pragma {name}").fetchone()[0])
            for name in ("foreign_keys", "journal_mode", "synchronous")
        }
        assert pragmas == {"foreign_keys": 1, "journal_mode": "wal", "synchronous": 2}
    ours = ("sessions", "commands", "messages", "audit")
    strict = "select name from pragma_table_list where strict"
    assert set(ours) <= {name for (name,) in await store.read(lambda db: db.execute(strict).fetchall())}


async def test_a_copy_without_its_log_has_one_again(tmp_path: Path) -> None:
    """A database in another journal mode, as a tool leaves its copies, is brought to WAL when it is opened."""
    store = Store(tmp_path / "bot.db")
    await store.open()
    await store.close()
    made_by(tmp_path / "bot.db", "pragma journal_mode = delete")
    await store.open()
    assert await store.read(lambda db: db.execute("pragma journal_mode").fetchone()[0]) == "wal"
    await store.close()


async def test_a_strict_table_takes_no_other_type(store: Store) -> None:
    """A column takes no value of another type, and a reference leads somewhere."""
    for statement in (
        "insert into audit (at, subject, session, team, channel, actor, became) values ('', '', 'x', '', '', '', '')",
        "insert into messages (session, channel, kind, created_at) values (404, 'C1', 'card', '')",
    ):
        with pytest.raises(REFUSED):
            await store.write(lambda db, statement=statement: db.execute(statement))


@pytest.mark.sqlite
async def test_the_files_are_nobody_elses(store: Store, tmp_path: Path) -> None:
    """The database and what SQLite puts beside it can be read by their owner only."""
    await store.write(lambda db: note(db, "something"))
    assert modes(tmp_path) == {"bot.db": 0o600, "bot.db-wal": 0o600, "bot.db-shm": 0o600}


async def test_an_open_file_is_closed_to_others(tmp_path: Path) -> None:
    """A database that was copied with rights for others loses them when it is opened."""
    store = Store(tmp_path / "bot.db")
    await store.open()
    await store.close()
    (tmp_path / "bot.db").chmod(0o644)
    await store.open()
    assert modes(tmp_path)["bot.db"] == 0o600
    await store.close()


@pytest.mark.parametrize("step", ["_commit", "_run_once"])
async def test_a_mistake_ends_no_thread(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    """What this code gets wrong is logged and refuses the jobs that it met; later ones are recorded."""

    def mistaken(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(Writer, step, mistaken)
    refused = await asyncio.gather(*(store.write(lambda db: note(db, "x")) for _ in range(3)), return_exceptions=True)
    assert {type(each) for each in refused} == {StorageUnavailable}
    assert "a mistake kept" in caplog.text
    monkeypatch.undo()
    await store.write(lambda db: note(db, "later"))
    assert await store.read(lambda db: len(audit.lines(db))) == 1


async def test_closing_commits_what_waits(address: Path | ServerAddress, committed: Committed) -> None:
    """What was asked before the store closed is on disk afterwards."""
    store = Store(address)
    await store.open()
    writing = [asyncio.create_task(store.write(lambda db, n=n: note(db, str(n)))) for n in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*writing)
    assert len(committed()) == 20


async def test_a_closed_store_says_so(address: Path | ServerAddress) -> None:
    """A store that is not open refuses, instead of waiting for ever."""
    store = Store(address)
    for ask in (store.read, store.write):
        with pytest.raises(StorageError, match="not open"):
            await ask(audit.lines)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A file that another program owns, by its mark or by its tables, is refused and not touched."""
    for name, statement in (("marked.db", "pragma application_id = 7"), ("used.db", "create table notes (id)")):
        path = made_by(tmp_path / name, statement)
        before = path.read_bytes()
        assert "belongs to another program" in refused(path)
        assert path.read_bytes() == before


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file, a directory and a place that is not there each get their sentence."""
    text = tmp_path / "notes.db"
    text.write_text("These are my notes, and they are longer than a header of SQLite's would be. " * 20)
    assert "cannot be used: file is not a database" in refused(text)
    assert "cannot be used" in refused(tmp_path)
    assert "cannot be opened: No such file or directory" in refused(tmp_path / "no" / "bot.db")


def test_a_newer_versions_database_is_refused(tmp_path: Path) -> None:
    """A database with a step that this version does not know is left to the version that made it."""
    path = tmp_path / "bot.db"

    async def make() -> None:
        store = Store(path)
        await store.open()
        await store.close()

    asyncio.run(make())
    made_by(path, "insert into _sqlite_migrations values (99, 'session-bot', 'm099_future', '2030-01-01')")
    assert "newer version" in refused(path)


def test_a_database_of_before_the_release_is_refused(tmp_path: Path) -> None:
    """A database of the steps that were made before the release is refused with a sentence, and not touched."""
    steps = "create table _sqlite_migrations (id integer primary key, migration_set text, name text, applied_at text)"
    named = "insert into _sqlite_migrations values (1, 'session-bot', 'm001_sessions', '2026-01-01')"
    path = made_by(tmp_path / "bot.db", f"pragma application_id = {APPLICATION_ID}", steps, named)
    before = path.read_bytes()
    assert "made by a version before the first release" in refused(path)
    assert path.read_bytes() == before


def test_a_database_without_its_triggers_is_refused(address: Path | ServerAddress, database: Postgres | None) -> None:
    """A database whose audit was switched off is not run on: there would be acts without their lines."""
    if database is not None:
        with database.connect() as other:
            other.execute("alter table sessions disable trigger audit_session_changed")
    else:
        assert isinstance(address, Path)
        asyncio.run(made(address))
        made_by(address, "drop trigger audit_session_changed")
    assert "audit_session_changed" in refused(address)


async def made(path: Path) -> None:
    """Make a database of the bot's."""
    store = Store(path)
    await store.open()
    await store.close()


def test_an_empty_file_becomes_ours(tmp_path: Path) -> None:
    """An empty file, as a mount or `touch` leaves it, is taken and marked."""
    path = tmp_path / "bot.db"
    path.touch()

    async def make() -> None:
        store = Store(path)
        await store.open()
        await store.close()

    asyncio.run(make())
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma application_id").fetchone()[0] == APPLICATION_ID


def test_a_file_that_is_being_brought_up_is_waited_for(tmp_path: Path) -> None:
    """A file that another process locks is not ready yet; once the patience is over, a sentence says why."""
    path = tmp_path / "bot.db"
    with locked_file(path):
        assert _prepare(path, patient=True) is False
        with pytest.raises(StorageError, match="is locked by another process"):
            _prepare(path, patient=False)
    assert _prepare(path, patient=True) is True


async def test_the_version_tells_of_others_commits_only(
    store: Store, address: Path | ServerAddress, locked: Locked
) -> None:
    """Another process's commit changes the number, ours does not, and it can be asked while others hold the lock."""
    other = Store(address)
    await other.open()
    try:
        first = await store.version()
        await store.write(lambda db: sessions.add(db, new_session(), now=NOW))
        assert await store.version() == first
        await other.write(lambda db: sessions.add(db, new_session(), now=NOW))
        async with asyncio.timeout(30):
            while await store.version() == first:  # noqa: ASYNC110 - the server tells in its own time
                await asyncio.sleep(0.01)
        with locked():
            assert await store.version() != first
    finally:
        await other.close()


async def test_processes_that_come_up_at_once_make_each_step_once(tmp_path: Path) -> None:
    """A process that opens a database during its upgrade waits for it, and makes no step a second time."""
    for number in range(10):
        stores = [Store(tmp_path / f"{number}.db") for _ in range(4)]
        await asyncio.gather(*(each.open() for each in stores))
        await asyncio.gather(*(each.close() for each in stores))


@pytest.mark.sqlite
async def test_a_peak_does_not_keep_its_room(store: Store, tmp_path: Path) -> None:
    """What a long reading by another program made the -wal file grow to is given back once it has ended."""
    wal = tmp_path / "bot.db-wal"
    with contextlib.closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("begin")
        other.execute("select count(*) from audit").fetchone()
        for _ in range(12):
            await store.write(lambda db: note(db, "x" * 1_000_000))
        assert wal.stat().st_size > 2 * WAL_BYTES
    for _ in range(3):  # the first is checkpointed, the next begins the file anew
        await store.write(lambda db: note(db, "later"))
    assert wal.stat().st_size <= WAL_BYTES


async def test_the_open_sessions_are_remembered(
    store: Store, tmp_path: Path, database: Postgres | None, engine: str
) -> None:
    """Of a database that can be read no more the open sessions are told as they were last, their sealed URLs too."""
    for number in range(3):
        await store.write(lambda db: sessions.add(db, new_session(), now=NOW))
        columns = {"secure_url": f"sealed {number}".encode()}
        await store.write(lambda db, n=number, c=columns: running(db, n + 1, c))
    await store.write(lambda db: sessions.move(db, 3, State.ended, by="history", event="Over.", now=NOW))
    assert await store.examine() is None
    await remembered(store)
    with contextlib.ExitStack() as spoilt:
        if database is None:
            (tmp_path / "bot.db").write_bytes(b"\0not a page" * 50_000)
        else:
            spoilt.enter_context(database.refusing())
        assert UNREADABLE[engine] in str(await store.examine())
        assert [each.secure_url for each in await store.read(sessions.watched)] == [b"sealed 0", b"sealed 1"]
        for elsewhere in (commands.last_number, outbox.due, alarms.to_show, workspaces.known):
            with pytest.raises(StorageUnavailable, match=UNREAD[engine]):
                await store.read(elsewhere)  # nothing is not an answer
        with pytest.raises(StorageUnavailable, match=UNREADABLE[engine]):
            await store.write(lambda db: note(db, "lost"))


def running(db: Database, number: int, columns: dict[str, bytes]) -> None:
    """Make a session run."""
    sessions.move(db, number, State.running, by="platform", event="Started.", now=NOW, **columns)
