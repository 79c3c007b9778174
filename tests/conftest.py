"""The world of the conversations, the bot as a process and a closed port, for every test that wants them."""

import contextlib
import functools
import gc
import os
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from storage.address import ServerAddress
from storage.store import Store
from tests.conversations.conftest import at_world_end, certificates, kept_log, make_world, mode, world
from tests.crash_table import print_table
from tests.factories import locked_file
from tests.faults.conftest import start_process
from tests.postgres.databases import Database, fresh_database
from tests.postgres.programs import MISSING, programs
from tests.postgres.server import RUN
from tests.voximplant.conftest import closed_port

__all__ = ["at_world_end", "certificates", "closed_port", "kept_log", "make_world", "mode", "start_process", "world"]


NOT_RUN = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker, and the process whose end is the end of the run."""
    config.addinivalue_line("markers", "postgres: it needs a PostgreSQL server, which the run of tests starts itself")
    config.addinivalue_line("markers", "sqlite: it is about the file of SQLite, and has no sense on a server")
    config.addinivalue_line("markers", "engines: its world is tried on both engines in each run of the tests")
    config.stash[NOT_RUN] = 0
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = str(os.getpid())


ENGINES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))

WORLDS = {"make_world", "model_world", "certificates", "make_watch", "world"}
"""The fixtures of worlds: those of the conversations, of the model, of processes that are killed, and of the loops."""

WORLDS_IN = 16
"""One in so many worlds is tried on PostgreSQL as well: all would take a run of the tests twice its time.

Those marked `engines` are tried there each time: what an engine does by itself decides them.
"""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on both engines what comes to a database, unless it is about one of them; of worlds only some.

    Which worlds depends on their tests' names alone; with `--all-engines` it is all of them.
    """
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", _engines(metafunc), indirect=True)


def _engines(metafunc: pytest.Metafunc) -> Sequence[Any]:
    marks = {each.name for each in metafunc.definition.iter_markers()}
    if "sqlite" in marks:
        return ENGINES[:1]
    if "postgres" in marks:
        return ENGINES[1:]
    is_of_a_world = not WORLDS.isdisjoint(metafunc.fixturenames)
    if not is_of_a_world or "engines" in marks or metafunc.config.getoption("--all-engines"):
        return ENGINES
    name = f"{metafunc.module.__name__}.{metafunc.function.__name__}"
    return ENGINES if zlib.crc32(name.encode()) % WORLDS_IN == 0 else ENGINES[:1]


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """Return the engine on which a test runs, `sqlite` or `postgres`."""
    return str(request.param)


@pytest.fixture
def database(engine: str) -> Iterator[Database | None]:
    """Lend a database on the tests' server, with the schema; None where the engine is SQLite."""
    with fresh_database() if engine == "postgres" else contextlib.nullcontext() as lent:
        yield lent


@pytest.fixture
def address(database: Database | None, tmp_path: Path) -> Path | ServerAddress:
    """Return the address of a new database."""
    return tmp_path / "bot.db" if database is None else ServerAddress(database.address)


@pytest.fixture
async def store(address: Path | ServerAddress) -> AsyncIterator[Store]:
    """Open a store on a new database."""
    made = Store(address)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def locked(
    address: Path | ServerAddress, database: Database | None
) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Return a way to hold the write lock of the database, as another program would."""
    return functools.partial(locked_file, address) if database is None else database.locked


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs PostgreSQL where there is none, and count it: the last lines say so."""
    away = [each for each in items if each.get_closest_marker("postgres")] if programs() is None else []
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [each for each in items if each not in away]
        config.stash[NOT_RUN] = len(away)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker counted over to the process that reports."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["not_run"] = session.config.stash[NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker counted: all count the same."""
    if counted := getattr(node, "workeroutput", {}).get("not_run"):
        node.config.stash[NOT_RUN] = counted


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the whole table of crashes, of all engines, and of a longer search by the model."""
    parser.addoption("--all-crashes", action="store_true", help="kill the bot at each point with both successors")
    parser.addoption("--all-engines", action="store_true", help="try each world on PostgreSQL, and not one in sixteen")
    parser.addoption("--model-examples", type=int, default=10, metavar="N", help="the courses that the model takes")


def pytest_collection_finish() -> None:
    """Freeze what was collected: no collection of garbage goes through thousands of tests again."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of each crash, and what was not run."""
    print_table(terminalreporter)
    if count := terminalreporter.config.stash[NOT_RUN]:
        terminalreporter.section("PostgreSQL")
        terminalreporter.write_line(f"{count} tests were not run: {MISSING}")
