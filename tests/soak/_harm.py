"""The harm that comes to three replicas: killed, held or cut off, and their server crashes.

The leader is killed at every point that a leader can pass. It does what the others do, too, so that those are all there
are. The order is by a seed, and no other harm comes at the time.
"""

import asyncio
import contextlib
import itertools
import random
import signal
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

import psycopg

from bot.process import Failpoint
from tests.soak._replicas import Replica, Replicas

AWAY_S: Final = 6.0
"""The time for which a replica is cut off, or held: longer than a lead lasts without a sign of life."""

REACHED_WITHIN_S: Final = 90.0
"""The time within which the leader comes to a point: before some a session must fall silent, or its stop be overdue."""

_TRIES: Final = 3
_LOOK_S: Final = 0.2

Provoke = Callable[[Replica], Awaitable[None]]
"""Set off what leads this replica, which leads, to a point of its way."""


async def nothing(_: Replica) -> None:
    """Wait: people type all the time."""


class Harm:
    """The harm that came to some replicas so far."""

    def __init__(self, three: Replicas, seed: int) -> None:
        self.befell = Counter[str]()
        self.killed_at = Counter[Failpoint]()
        """How often the leader was killed at each point."""
        self._three = three
        self._random = random.Random(seed)  # noqa: S311 - moments, no secrets

    @property
    def is_at_every_point(self) -> bool:
        """Return whether the leader was killed at every point."""
        return len(self.killed_at) == len(Failpoint)

    async def befall_until(
        self, is_over: Callable[[], bool], pause_s: float, ways: Mapping[Failpoint, Provoke]
    ) -> None:
        """Kill the leader at each point, with other harm between, in an order by the seed; again until it is over.

        The server crashes in the middle of the points, besides. A point that was not reached comes again after the
        others, twice.
        """
        others = self._others()
        points = self._shuffled()
        middle, tries = len(points) // 2, Counter[Failpoint]()
        for done in itertools.count():
            if not points:
                if is_over():
                    return
                points = self._shuffled()
            point = points.popleft()
            tries[point] += 1
            if not await self.kill_leader_at(point, ways.get(point, nothing)) and tries[point] < _TRIES:
                points.append(point)
            if done == middle:
                await self._suffer(self.crash_server)
            elif done % 2:
                await self._suffer(next(others))
            await self._three.revived()
            await asyncio.sleep(self._random.expovariate(1 / pause_s))
            if is_over() and self.is_at_every_point:
                return

    async def kill_leader_at(self, point: Failpoint, provoke: Provoke = nothing) -> bool:
        """Kill the leader where it comes to a point of its way; return whether it did, and led until then."""
        leader = await self._three.leader()
        leader.orders.write_text(str(point))
        provoking = asyncio.create_task(_again_and_again(provoke, leader))
        try:
            async with asyncio.timeout(REACHED_WITHIN_S):
                while leader.process.returncode is None and await self._three.leader() is leader:  # noqa: ASYNC110 - a database sets no event
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            self.befell["not come to a point"] += 1
        finally:
            provoking.cancel()
            await asyncio.gather(provoking, return_exceptions=True)
            is_killed = leader.process.returncode is not None and not leader.orders.read_text()
            leader.orders.unlink()
        if is_killed:
            self.killed_at[point] += 1
            self.befell["leader killed at a point"] += 1
            print(f"{time.strftime('%X')} leader killed at {point}, {len(self.killed_at)} points", flush=True)  # noqa: T201 - for who waits
        await self._three.revived()
        return is_killed

    async def kill_follower_at(self, point: Failpoint) -> None:
        """Kill one that does not lead where it comes to a point."""
        leader = await self._three.leader()
        one = self._random.choice([each for each in self._three.all if each is not leader])
        one.orders.write_text(str(point))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AWAY_S):
                await one.process.wait()
                self.befell["follower killed at a point"] += 1
        one.orders.unlink(missing_ok=True)

    async def kill_one(self) -> None:
        """Kill any of them."""
        one = self._random.choice(self._three.all)
        await self._three.again(one)

    async def cut_one(self) -> None:
        """Cut one off from the database, and from Slack."""
        one = self._random.choice(self._three.all)
        for each in one.wires:
            each.cut()
        await asyncio.sleep(AWAY_S)
        for each in one.wires:
            each.mend()

    async def cut_leader(self) -> None:
        """Cut the leader off from the database alone: it can still write to Slack."""
        leader = await self._three.leader()
        leader.wires[0].cut()
        await asyncio.sleep(AWAY_S)
        leader.wires[0].mend()

    async def hold_leader(self) -> None:
        """Hold the leader, as a machine does that runs out of memory: it goes on later as if nothing had been."""
        leader = await self._three.leader()
        leader.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(AWAY_S)
        leader.process.send_signal(signal.SIGCONT)

    async def crash_server(self) -> None:
        """End the server without a farewell (`-m immediate`), and start it again."""
        await self._three.restart_server()

    def _shuffled(self) -> deque[Failpoint]:
        points = list(Failpoint)
        self._random.shuffle(points)
        return deque(points)

    def _others(self) -> Iterator[Callable[[], Awaitable[None]]]:
        return itertools.cycle(
            (self.hold_leader, self.cut_one, self.kill_one, self.cut_leader, self.hold_leader, self.crash_server)
        )

    async def _suffer(self, harm: Callable[[], Awaitable[None]]) -> None:
        self.befell[harm.__name__.replace("_", " ")] += 1  # type: ignore[attr-defined]
        await harm()


async def _again_and_again(provoke: Provoke, leader: Replica) -> None:
    """Provoke until cancelled; what goes wrong while replicas die is tried again."""
    while True:
        with contextlib.suppress(AssertionError, LookupError, TimeoutError, OSError, psycopg.Error):
            await provoke(leader)
        await asyncio.sleep(_LOOK_S)
