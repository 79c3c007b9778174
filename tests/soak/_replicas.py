"""Three replicas on one database: each has wires of its own to the server and to Slack, and a clock that is wrong.

Every envelope of Slack's comes to two of them at once, as no Slack does: whatever one of them does, the other was asked
to do as well.
"""

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import psycopg
from cryptography.fernet import Fernet

from bot.process import FAILPOINT_VARIABLE
from bot.sandbox.slack import LocalSlack
from storage.address import ServerAddress
from storage.copies import copy
from tests.benchmarks._worlds import Program, running
from tests.factories import free_ports
from tests.postgres.server import Server, private_server
from tests.postgres.wire import Wire, wire_to
from tests.soak._world import SoakWorld

SKEWS_S: Final = (0, -120, 120)
"""How far the clock of each replica is wrong."""

_SETTINGS: Final = {"SESSION_BOT_CONFIRM_SECONDS": "20", "SESSION_BOT_DIRECTORY_SECONDS": "5"}
_BACK_WITHIN_S: Final = 60.0
_LOOK_S: Final = 0.2
_DATABASE: Final = "sessions"


@dataclass
class Replica:
    """One replica: its wires to the server and to Slack, and its process as long as it runs."""

    place: int
    wires: Sequence[Wire]
    environ: Mapping[str, str]
    opened: AsyncExitStack = field(default_factory=AsyncExitStack)
    program: Program | None = None

    @property
    def orders(self) -> Path:
        """The file with the point at which it is to be killed."""
        return Path(self.environ[FAILPOINT_VARIABLE])

    @property
    def process(self) -> asyncio.subprocess.Process:
        """Its process, which may have ended."""
        assert self.program is not None
        return self.program.process


class Replicas:
    """The replicas of one world, and one server beneath them."""

    def __init__(self, world: SoakWorld, server: Server) -> None:
        self.all: list[Replica] = []
        self.deaths: list[float] = []
        """The moments at which a process of one ended."""
        self._watching: set[asyncio.Task[None]] = set()
        self._world = world
        self._server = server

    @property
    def address(self) -> str:
        """The address of the database, past every wire."""
        return self._server.address(_DATABASE)

    @property
    def environ(self) -> Mapping[str, str]:
        """The settings of a command at a terminal, past every wire."""
        return {**self.all[0].environ, **_at(self._world.slack.api_url), "SESSION_BOT_DATABASE": self.address}

    async def up(self, wires: Sequence[Sequence[Wire]]) -> None:
        """Start every replica, and wait until all are connected to Slack."""
        with psycopg.connect(self._server.address("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {_DATABASE}")
        key = Fernet.generate_key().decode()
        for place, (to_server, to_slack) in enumerate(wires):
            port = free_ports(2)
            environ = {
                **self._world.environ,
                **_SETTINGS,
                **_at(self._world.slack.api_url, to_slack.port),
                "SESSION_BOT_DATABASE": self._server.address(_DATABASE, port=to_server.port),
                "SESSION_BOT_SECRET_KEY": key,
                "SESSION_BOT_OPS_PORT": str(port),
                "SESSION_BOT_INBOX_PORT": str(port + 1),
                FAILPOINT_VARIABLE: str(self._world.folder / f"orders-{place}"),
            }
            self.all.append(Replica(place, (to_server, to_slack), environ))
        for each in self.all:
            await self._start(each)
        await self.revived()

    async def leader(self) -> Replica:
        """Return the replica that leads, as soon as one does."""
        found: list[Replica] = []

        def look() -> bool:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.address, connect_timeout=2) as connection:
                row = connection.execute("select name from replicas where is_leader = 1 and gone_at is null").fetchone()
                process = int(row[0].rpartition(":")[2]) if row else 0
                found[:] = [each for each in self.all if each.program and each.program.process.pid == process]
            return bool(found)

        await self._until(look, "one leads")
        return found[0]

    async def mended(self) -> None:
        """Mend every wire, go on with what is held, and start anew what has ended."""
        for each in self.all:
            with contextlib.suppress(ProcessLookupError):
                each.process.send_signal(signal.SIGCONT)
            for wire in each.wires:
                wire.mend()
        await self.revived()

    async def settled(self, within_s: float) -> None:
        """Wait until every command has its outcome, for so long at most: the judgement tells of the others."""

        def look() -> bool:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.address, connect_timeout=2) as connection:
                rows = connection.execute("select 1 from commands where state in ('accepted', 'calling') limit 1")
                return not rows.fetchall()
            return False

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not await asyncio.to_thread(look):  # noqa: ASYNC110 - a database sets no event
                    await asyncio.sleep(_LOOK_S)

    async def moved(self) -> None:
        """Copy the database into the file of the world, once nobody uses it: there it is judged."""
        await copy(ServerAddress(self.address), self._world.database)

    async def down(self) -> list[int]:
        """End every replica as systemd does, and return their exit codes."""
        for each in self.all:
            each.process.send_signal(signal.SIGTERM)
        codes = [await each.process.wait() for each in self.all]
        for each in self.all:
            await each.opened.aclose()
        return codes

    async def restart_server(self) -> None:
        """End the server without a farewell, and start it again."""
        await asyncio.to_thread(self._server.restart)

    async def revived(self) -> None:
        """Start anew what has ended, as a supervisor does, and wait until all are connected, a minute at most."""
        over = time.monotonic() + _BACK_WITHIN_S
        while time.monotonic() < over:
            for each in self.all:
                if each.process.returncode is not None:
                    await self.again(each)
            if self._world.slack._sockets.connections >= len(self.all):
                return
            await asyncio.sleep(_LOOK_S)

    async def again(self, one: Replica) -> None:
        """Kill a replica, if it lives, and start it anew."""
        await one.opened.aclose()
        await self._start(one)

    async def _start(self, one: Replica) -> None:
        command = [sys.executable, "-m", "tests.soak._skewed", str(SKEWS_S[one.place % len(SKEWS_S)])]
        one.opened = AsyncExitStack()
        one.program = await one.opened.enter_async_context(running(self._world.folder, command, one.environ))
        self._watching.add(asyncio.create_task(self._watch(one.process)))

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self.deaths.append(time.time())

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(_BACK_WITHIN_S):
                while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - the same
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            msg = f"not within {_BACK_WITHIN_S:g} s: {what}"
            raise AssertionError(msg) from None


class SlackWire(Wire):
    """A wire to Slack: the addresses that Slack names lead over the wire, too; both ports have five digits."""

    def _through(self, data: bytes, way: str) -> bytes:
        return data.replace(b":%d/" % self._server, b":%d/" % self.port) if way == "back" else data


def _at(api_url: str, port: int | None = None) -> Mapping[str, str]:
    """Return the setting of Slack's address, over a port of its own."""
    host, _, path = api_url.removeprefix("http://").partition("/")
    name, _, own = host.partition(":")
    return {"SLACK_API_URL": f"http://{name}:{port or own}/{path}"}


def deliver_twice(slack: LocalSlack) -> None:
    """Send every envelope over two connections at once from now on."""
    sockets = slack._sockets
    once = sockets.deliver

    async def twice(envelope: Any) -> Any:
        first, _ = await asyncio.gather(once(envelope), once(envelope.again("timeout")))
        return first

    sockets.deliver = twice  # type: ignore[method-assign]


@contextlib.asynccontextmanager
async def three_replicas(world: SoakWorld) -> AsyncIterator[Replicas]:
    """Run three replicas on a server of their own; what still runs at the end is killed."""
    with contextlib.ExitStack() as kept:
        server = kept.enter_context(private_server({"fsync": "on"}))
        to_slack = int(world.slack.api_url.split(":")[2].partition("/")[0])
        wires = [
            (kept.enter_context(wire_to(server.port)), kept.enter_context(wire_to(to_slack, SlackWire)))
            for _ in SKEWS_S
        ]
        replicas = Replicas(world, server)
        try:
            await replicas.up(wires)
            yield replicas
        finally:
            for each in replicas.all:
                await each.opened.aclose()
