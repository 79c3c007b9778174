"""The cost of the process: start, memory, and the commands that its writer accepts."""

import asyncio
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from storage import commands
from storage.command import NewCommand
from storage.sqlite import add_functions
from storage.store import Store
from tests.benchmarks._figures import Figure, Spread, ratios
from tests.benchmarks._worlds import Program, bot, running, world

ROUNDS: Final = 3
COMMITS, IN_A_COMMIT = 60, 100
AFTER, AT_ONCE, FLAT_MB = 10_000, 100, 10.0
"""The commands of the long run, how many of them are typed at once, and the growth of memory that counts as none."""

RESTING_S: Final = 0.05
"""The processor time within a second below which a process has nothing to do."""

OURS, BARE = "session bot (a)", "bare sqlite3 loop"
_INSERT: Final = (
    "insert into commands (key, verb, actor, team, channel, via, digest, state, accepted_at, owner)"
    " values (?, 'start', 'U1', 'T1', 'C1', 'slash', ?, 'accepted', '2026-01-01', 'run')"
)


async def measure() -> list[Figure]:
    """Return the figures of the process."""
    starts = [await _start() for _ in range(ROUNDS)]
    connected, idle = (Spread(values) for values in zip(*starts, strict=True))
    rates = [await _accepted() for _ in range(ROUNDS)]
    ours, bare = (Spread(values) for values in zip(*rates, strict=True))
    part = ratios(ours, bare)
    grown, piled = await _grown()
    return [
        Figure("start to connected", "1 s", connected.median <= 1, "s", {OURS: connected}),
        Figure("memory, idle", "90 MB", idle.median <= 90, "MB", {OURS: idle}),
        Figure(
            f"memory after {AFTER:,} commands, over that after {AFTER // 10:,}", f"flat ({FLAT_MB:.0f} MB)",
            grown <= FLAT_MB, "MB", {OURS: Spread([grown])},
        ),
        Figure(f"the same after {AFTER:,} more, typed without a pause", "", None, "MB", {OURS: Spread([piled])}),
        Figure(
            "accepted commands", "0.5 × a bare loop", part.median >= 0.5, "1/s", {OURS: ours, BARE: bare},
            note=f"{part} × the loop, which inserts the same rows, by the same triggers, in as many commits. A command"
            " is looked for by its key and its intent before it is inserted, and each wakes a task of its own.",
        ),
    ]  # fmt: skip


async def _start() -> tuple[float, float]:
    """Return the seconds until a fresh process is connected, and its memory after one command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack", "platform") as outside, running(folder, bot(), outside.environ) as process:
            await outside.ask("connected")
            seconds = time.monotonic() - process.began
            await outside.type(["help"])
            return seconds, process.memory_mb


async def _grown() -> tuple[float, float]:
    """Return the megabytes by which a process grows from a tenth of the commands to all, and with as many at a stretch.

    Each tenth is answered before the next is typed. Acks go first: the work of commands that are typed at a stretch
    piles up, and memory then keeps the size of the highest pile.
    """
    tenth = AFTER // 10
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack", "platform") as outside, running(folder, bot(), outside.environ) as process:
            await outside.ask("connected")
            reached = list[float]()
            for commands_typed in (*[tenth] * 10, AFTER):
                for _ in range(0, commands_typed, AT_ONCE):
                    await outside.type(["status"] * AT_ONCE)
                await _rest(process)
                reached.append(process.memory_mb)
            early, late, piled = reached[0], reached[-2], reached[-1]
            return late - early, piled - late


async def _rest(process: Program) -> None:
    """Wait until a process has nothing to do."""
    spent = -RESTING_S
    while process.cpu_s - spent > RESTING_S:
        spent = process.cpu_s
        await asyncio.sleep(1)


async def _accepted() -> tuple[float, float]:
    """Return the commands accepted in a second through the store, and by a loop of sqlite3."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "bot.db"
        store = Store(path)
        await store.open()
        began = time.perf_counter()
        for commit in range(COMMITS):
            await asyncio.gather(*(store.write(_admission(f"{commit}-{n}"), first=True) for n in range(IN_A_COMMIT)))
        ours = time.perf_counter() - began
        await store.close()
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("pragma synchronous = full")
            add_functions(connection)
            began = time.perf_counter()
            for commit in range(COMMITS):
                connection.execute("begin immediate")
                for n in range(IN_A_COMMIT):
                    connection.execute(_INSERT, [f"bare {commit}-{n}", f"digest {commit}-{n}"])
                connection.execute("commit")
            bare = time.perf_counter() - began
    return COMMITS * IN_A_COMMIT / ours, COMMITS * IN_A_COMMIT / bare


def _admission(number: str) -> Callable[..., commands.Admitted]:
    new = NewCommand(
        key=f"slash:{number}", verb="start", actor="U1", team="T1", channel="C1", via="slash", digest=number,
        owner="run", at=datetime.now(UTC),
    )  # fmt: skip
    return lambda db: commands.admit(db, new, window=timedelta(seconds=30))
