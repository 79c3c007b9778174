"""The places where the bot keeps its data, and so many replicas on each: a file, a server, a server with three.

The server is one of its own, which keeps what it commits: with the settings that PostgreSQL has by itself.
"""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from cryptography.fernet import Fernet

from tests.benchmarks._worlds import Program, bot, running
from tests.postgres.server import Server, private_server

KEEPS: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "512MB"}
LEADS, LEADS_NO_MORE = "this replica leads now", "this replica does not lead any more"
CONNECTED: Final = "connected to"
_LOOK_S: Final = 0.01
_PATIENCE_S: Final = 30.0


@dataclass(frozen=True)
class Place:
    """A way to run the bot: the database's kind, and the number of replicas."""

    name: str
    on_server: bool
    replicas: int


FILE: Final = Place("session bot, SQLite", on_server=False, replicas=1)
ONE: Final = Place("session bot, PostgreSQL × 1", on_server=True, replicas=1)
THREE: Final = Place("session bot, PostgreSQL × 3", on_server=True, replicas=3)
PLACES: Final = (FILE, ONE, THREE)


class Databases:
    """New databases, one after another: files in folders, or on a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers = itertools.count(1)

    def make(self, place: Place, folder: Path) -> str:
        """Make an empty one, and return its address or its path."""
        if not place.on_server:
            return str(folder / "session-bot.db")
        name = f"bench_{next(self._numbers)}"
        with psycopg.connect(self._server.address("postgres"), autocommit=True) as admin:
            admin.execute(f"create database {name} template template0 encoding 'UTF8'")  # type: ignore[call-overload] # a name of ours
        return self._server.address(name)


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    """Run a server for them."""
    with private_server(KEEPS) as server:
        yield Databases(server)


@dataclass(frozen=True)
class Replica:
    """A replica that runs, and what it logs."""

    program: Program
    log: Path

    @property
    def leads(self) -> bool:
        """Return whether it leads, as far as it has said."""
        said = self.log.read_text(encoding="utf-8")
        return said.rfind(LEADS) > said.rfind(LEADS_NO_MORE)

    async def says(self, words: str) -> None:
        """Wait until it has logged these words."""
        await until(lambda: words in self.log.read_text(encoding="utf-8"), f"{self.log}: {words!r}")


@contextlib.asynccontextmanager
async def replicas(folder: Path, count: int, database: str, environ: Mapping[str, str]) -> AsyncIterator[list[Replica]]:
    """Run so many on a database, each in a folder of its own, and wait until each is connected."""
    common = {**environ, "SESSION_BOT_DATABASE": database, "SESSION_BOT_SECRET_KEY": Fernet.generate_key().decode()}
    async with contextlib.AsyncExitStack() as exits:
        run = list[Replica]()
        for number in range(count):
            own = folder / f"replica-{number}"
            own.mkdir()
            program = await exits.enter_async_context(running(own, bot(), common))
            run.append(Replica(program, own / "errors.log"))
        for each in run:
            await each.says(CONNECTED)
        yield run


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds; raise TimeoutError, with its name, when it does not."""
    loop = asyncio.get_running_loop()
    end = loop.time() + _PATIENCE_S
    while not condition():
        if loop.time() > end:
            raise TimeoutError(what)
        await asyncio.sleep(_LOOK_S)


async def accepted(database: str, processes: int, commits: int) -> tuple[int, float]:
    """Accept commands in so many processes at once; return how many were, and the seconds of the slowest process."""
    begun = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks._admitting", database, f"p{number}", str(commits),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for number in range(processes)
    ]  # fmt: skip
    for each in begun:
        assert each.stdout is not None
        assert await each.stdout.readline() == b"ready\n"
    for each in begun:
        assert each.stdin is not None
        each.stdin.write(b"\n")
    told = []
    for each in begun:
        assert each.stdout is not None
        told.append((await each.stdout.readline()).split())
        await each.wait()
    return sum(int(count) for count, _ in told), max(float(seconds) for _, seconds in told)
