"""Bad luck of our own machine: a database that others hold, a process that is killed."""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conversations.conftest import MakeWorld, World
from tests.forked import Forked

__all__ = [
    "LOCKED",
    "READ_ONLY",
    "MakeWorld",
    "Process",
    "StartProcess",
    "World",
    "bury",
    "read_only",
]


LOCKED = {"sqlite": "database is locked", "postgres": "others are writing to it for too long"}
READ_ONLY = {"sqlite": "attempt to write a readonly database", "postgres": "its server takes no writes now"}
"""The reasons that are told, by engine."""


@contextlib.asynccontextmanager
async def read_only(world: World) -> AsyncIterator[None]:
    """Have all writes refused, as on a disk that was mounted anew, or by a server that has become a standby."""
    assert world.bot is not None
    store = world.bot._store
    if world.server is None:
        await store.write(lambda db: db.execute("pragma query_only = on"))
        yield
        return
    with world.server.read_only():
        while READ_ONLY["postgres"] not in str(await store.examine()):  # noqa: ASYNC110 - it connects again first
            await asyncio.sleep(0.02)
        yield


def bury(world: World) -> None:
    """End the leases of those that were killed, as ten seconds without a sign of life do on a server."""
    if world.server is not None:
        with world.server.connect() as connection:
            connection.execute("update replicas set gone_at = clock_timestamp()")


@dataclass
class Process:
    """`session-bot run`, as an operator starts it; `log` is what it wrote to either stream."""

    process: Forked
    log_file: Path

    @property
    def log(self) -> str:
        """Return what it has written so far."""
        return self.log_file.read_text()

    async def logs(self, words: str) -> str:
        """Wait until it has written these words; give all of it."""
        async with asyncio.timeout(30):
            while words not in self.log:
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.02)
        return self.log

    async def kill(self) -> None:
        """End it at once, as a power cut does."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.ended()

    async def terminate(self) -> int:
        """Ask it to end, as a supervisor does; give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it ends by itself; give its exit code."""
        async with asyncio.timeout(20):
            return await self.process.ended()


StartProcess = Callable[[Mapping[str, str]], Awaitable[Process]]


@pytest.fixture
async def start_process(
    tmp_path: Path, at_world_end: list[Callable[[], Awaitable[None]]]
) -> AsyncIterator[StartProcess]:
    """Return a way to start processes in the test's folder; what still runs when their world ends is killed."""
    started: list[Process] = []

    async def start(environ: Mapping[str, str]) -> Process:
        log_file = tmp_path / f"bot-{len(started)}.log"
        inherited = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SSL_CERT_FILE") if name in os.environ}
        with log_file.open("wb") as log:
            settings, stream = {**inherited, **environ}, log.fileno()
            process = await asyncio.to_thread(
                Forked, ["run"], environ=settings, cwd=tmp_path, stdout=stream, stderr=subprocess.STDOUT
            )
        started.append(Process(process, log_file))
        return started[-1]

    async def kill() -> None:
        for each in started:
            if each.process.returncode is None:
                await each.kill()

    at_world_end.append(kill)
    yield start
    await kill()
