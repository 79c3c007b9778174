"""The order of sends of one session, taken by several processes on one database."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.dispatch._send_order import SendTurns
from bot.ports import Services
from storage import Connection, commands, sessions
from storage.address import ServerAddress
from storage.command import CommandState, NewCommand
from storage.store import Store
from tests.factories import new_session
from tests.quick_clock import QuickClock

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
SESSION = 1


@dataclass
class Replicas:
    """Processes on one database, each with its own store and turns; `dead` are those that live no more."""

    stores: list[Store]
    dead: set[str] = field(default_factory=set)
    sent: list[int] = field(default_factory=list)
    on_their_way: int = 0

    def __post_init__(self) -> None:
        self.turns = [SendTurns(self._services(number)) for number in range(len(self.stores))]

    async def admitted(self, number: int) -> int:
        """Record a send by one of the processes; return its command."""

        def job(db: Connection) -> int:
            count = db.execute("select count(*) from commands").fetchone()[0]
            new = NewCommand(
                key=f"k{count}", verb="send", actor="U1", team="T1", channel="C1", via="slash", digest=f"{count}",
                owner=f"o{number}", at=NOW,
            )  # fmt: skip
            command = commands.admit(db, new, window=None).command.id
            commands.add_sessions(db, command, [SESSION])
            return command

        return await self.stores[number].write(job)

    async def send(self, number: int, command: int) -> None:
        """Send as the process does: in its turn, and with an outcome before the turn ends."""
        async with self.turns[number].of(SESSION, command):
            self.on_their_way += 1
            assert self.on_their_way == 1
            self.sent.append(command)
            await asyncio.sleep(0)
            self.on_their_way -= 1
            await self.stores[number].write(
                lambda db: commands.finish(db, command, CommandState.done, "Sent.", now=NOW)
            )

    def _services(self, number: int) -> Services:
        services = SimpleNamespace(
            settings=SimpleNamespace(database=Path("bot.db")),
            store=self.stores[number],
            clock=QuickClock(),
            owner=f"o{number}",
            owners=SimpleNamespace(is_alive=lambda _db, owner: owner not in self.dead),
        )
        return cast("Services", services)


@pytest.fixture
async def replicas(address: Path | ServerAddress) -> AsyncIterator[Replicas]:
    """Three processes on one database."""
    async with contextlib.AsyncExitStack() as opened:
        stores = [Store(address) for _ in range(3)]
        for each in stores:
            await each.open()
            opened.push_async_callback(each.close)
        await stores[0].write(lambda db: sessions.add(db, new_session(), now=NOW))
        yield Replicas(stores)


@pytest.mark.parametrize("seed", range(6))
async def test_sends_go_in_the_order_in_which_they_were_recorded(replicas: Replicas, seed: int) -> None:
    """Whichever processes take them, and whenever each comes to it, every send goes once, alone, and in its order."""
    drawn = random.Random(seed)  # noqa: S311 - an order, no secret
    taken = [(number, await replicas.admitted(number)) for number in drawn.choices(range(3), k=24)]

    async def comes_to_its_own(number: int) -> None:
        async with asyncio.TaskGroup() as sends:
            for command in [command for of, command in taken if of == number]:
                for _ in range(drawn.randrange(40)):
                    await asyncio.sleep(0)
                sends.create_task(replicas.send(number, command))

    await asyncio.gather(*map(comes_to_its_own, range(3)))
    assert replicas.sent == [command for _, command in taken]


async def test_a_dead_process_is_not_waited_for(replicas: Replicas) -> None:
    """A send waits for an earlier one of another process while that lives, however long, and not once it is dead."""
    await replicas.admitted(0)
    waiting = asyncio.create_task(replicas.send(1, await replicas.admitted(1)))
    clock = replicas.turns[1]._services.clock
    for _ in range(20):
        await clock.sleep(1)
    assert not waiting.done()
    replicas.dead.add("o0")
    await waiting
    assert len(replicas.sent) == 1


async def test_a_later_send_waits_for_nobody_who_waits_for_it(replicas: Replicas) -> None:
    """A process that comes to its second send first holds nobody up with it."""
    first, between, last = [await replicas.admitted(number) for number in (0, 1, 0)]
    ends = [asyncio.create_task(replicas.send(0, last))]
    await asyncio.sleep(0.05)
    ends += [asyncio.create_task(replicas.send(1, between)), asyncio.create_task(replicas.send(0, first))]
    await asyncio.gather(*ends)
    assert replicas.sent == [first, between, last]


async def test_who_gives_up_waiting_holds_nobody_up(replicas: Replicas) -> None:
    """A send that is cancelled before its turn, or in it, leaves the turn to the next."""
    commanded = [await replicas.admitted(0) for _ in range(3)]
    begun = asyncio.Event()

    async def never_ends() -> None:
        async with replicas.turns[0].of(SESSION, commanded[0]):
            begun.set()
            await asyncio.get_running_loop().create_future()

    first = asyncio.create_task(never_ends())
    await begun.wait()
    second = asyncio.create_task(replicas.send(0, commanded[1]))
    third = asyncio.create_task(replicas.send(0, commanded[2]))
    await asyncio.sleep(0)
    for each in (second, first):
        each.cancel()
    await third
    assert replicas.sent == commanded[2:]
