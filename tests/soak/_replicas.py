"""Three replicas on one database, and what befalls them: each has a wire to the server of its own, and a clock.

Every envelope of Slack's comes to two of them at once, as no Slack does: whatever one of them does, the other was asked
to do as well.
"""

import asyncio
import contextlib
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from cryptography.fernet import Fernet

from bot.process import FAILPOINT_VARIABLE, Failpoint
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

AWAY_S: Final = 6.0
"""The time for which a replica is cut off, or held: longer than a lead lasts without a sign of life."""

_BACK_WITHIN_S: Final = 60.0
_LOOK_S: Final = 0.2
_DATABASE: Final = "sessions"


@dataclass
class Replica:
    """One replica: its wire to the server, and its process as long as it runs."""

    place: int
    wire: Wire
    environ: Mapping[str, str]
    opened: AsyncExitStack = field(default_factory=AsyncExitStack)
    program: Program | None = None

    @property
    def orders(self) -> str:
        """The file with the point at which it is to be killed."""
        return self.environ[FAILPOINT_VARIABLE]


class Replicas:
    """The replicas of one world, one server beneath them, and what befell them so far."""

    def __init__(self, world: SoakWorld, server: Server, seed: int) -> None:
        self.befell = Counter[str]()
        self._world = world
        self._server = server
        self._random = random.Random(seed)  # noqa: S311 - moments, no secrets
        self._points = list(Failpoint)
        self._all: list[Replica] = []

    @property
    def address(self) -> str:
        """The address of the database, past every wire."""
        return self._server.address(_DATABASE)

    async def up(self, wires: list[Wire]) -> None:
        """Start every replica, and wait until all are connected to Slack."""
        with psycopg.connect(self._server.address("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {_DATABASE}")
        key = Fernet.generate_key().decode()
        for place, wire in enumerate(wires):
            environ = {
                **self._world.environ,
                "SESSION_BOT_DATABASE": self._server.address(_DATABASE, port=wire.port),
                "SESSION_BOT_SECRET_KEY": key,
                "SESSION_BOT_OPS_PORT": str(free_ports(1)),
                FAILPOINT_VARIABLE: str(self._world.folder / f"orders-{place}"),
            }
            self._all.append(Replica(place, wire, environ))
        for each in self._all:
            await self._start(each)
        await self._until(lambda: self._world.slack._sockets.connections == len(self._all), "all are connected")

    async def befall_until(self, mean_s: float, over: float) -> None:
        """Harm one after another, until this moment of the monotonic clock."""
        while time.monotonic() < over:
            await asyncio.sleep(self._random.expovariate(1 / mean_s))
            what: Callable[[], Coroutine[Any, Any, None]] = self._random.choice(
                (self.kill_leader_at_a_point, self.kill_one, self.restart_server, self.cut_one, self.hold_leader)
            )
            self.befell[what.__name__.replace("_", " ")] += 1
            await what()

    async def kill_leader_at_a_point(self) -> None:
        """Kill the leader where it comes to a point of its way, at each point in turn."""
        leader = await self.leader()
        self._points.append(point := self._points.pop(0))
        (self._world.folder / leader.orders).write_text(str(point))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AWAY_S):
                assert leader.program is not None
                await leader.program.process.wait()
                self.befell["died at a point"] += 1
        (self._world.folder / leader.orders).unlink(missing_ok=True)
        await self._again(leader)

    async def kill_one(self) -> None:
        """Kill any of them."""
        await self._again(self._random.choice(self._all))

    async def restart_server(self) -> None:
        """End the server without a farewell, and start it again."""
        await asyncio.to_thread(self._server.restart)

    async def cut_one(self) -> None:
        """Cut one off from the database, and from Slack."""
        one = self._random.choice(self._all)
        one.wire.cut()
        self._world.slack.cut()
        await asyncio.sleep(AWAY_S)
        one.wire.mend()

    async def hold_leader(self) -> None:
        """Hold the leader, as a machine does that runs out of memory: it goes on later as if nothing had been."""
        leader = await self.leader()
        assert leader.program is not None
        leader.program.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(AWAY_S)
        leader.program.process.send_signal(signal.SIGCONT)

    async def leader(self) -> Replica:
        """Return the replica that leads, as soon as one does."""
        found: list[Replica] = []

        def look() -> bool:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.address, connect_timeout=2) as connection:
                row = connection.execute("select name from replicas where is_leader = 1 and gone_at is null").fetchone()
                process = int(row[0].rpartition(":")[2]) if row else 0
                found[:] = [each for each in self._all if each.program and each.program.process.pid == process]
            return bool(found)

        await self._until(look, "one leads")
        return found[0]

    async def mended(self) -> None:
        """Mend every wire, and go on with what is held."""
        for each in self._all:
            each.wire.mend()
            assert each.program is not None
            if each.program.process.returncode is None:
                each.program.process.send_signal(signal.SIGCONT)
            else:
                self.befell["had ended"] += 1
                await self._again(each)
        await self._until(lambda: self._world.slack._sockets.connections == len(self._all), "all are connected")

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
        codes = []
        for each in self._all:
            assert each.program is not None
            each.program.process.send_signal(signal.SIGTERM)
        for each in self._all:
            assert each.program is not None
            codes.append(await each.program.process.wait())
            await each.opened.aclose()
        return codes

    async def _again(self, one: Replica) -> None:
        """Kill a replica, if it lives, and start it anew."""
        await one.opened.aclose()
        await self._start(one)

    async def _start(self, one: Replica) -> None:
        command = [sys.executable, "-m", "tests.soak._skewed", str(SKEWS_S[one.place % len(SKEWS_S)])]
        one.opened = AsyncExitStack()
        one.program = await one.opened.enter_async_context(running(self._world.folder, command, one.environ))

    async def _until(self, condition: Callable[[], bool], what: str) -> None:
        try:
            async with asyncio.timeout(_BACK_WITHIN_S):
                while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - the same
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            msg = f"not within {_BACK_WITHIN_S:g} s: {what}"
            raise AssertionError(msg) from None


def deliver_twice(slack: LocalSlack) -> None:
    """Send every envelope over two connections at once from now on."""
    sockets = slack._sockets
    once = sockets.deliver

    async def twice(envelope: Any) -> Any:
        first, _ = await asyncio.gather(once(envelope), once(envelope.again("timeout")))
        return first

    sockets.deliver = twice  # type: ignore[method-assign]


@contextlib.asynccontextmanager
async def three_replicas(world: SoakWorld, seed: int) -> AsyncIterator[Replicas]:
    """Run three replicas on a server of their own; what still runs at the end is killed."""
    with contextlib.ExitStack() as kept:
        server = kept.enter_context(private_server({"fsync": "on"}))
        wires = [kept.enter_context(wire_to(server.port)) for _ in SKEWS_S]
        replicas = Replicas(world, server, seed)
        try:
            await replicas.up(wires)
            yield replicas
        finally:
            for each in replicas._all:
                await each.opened.aclose()
