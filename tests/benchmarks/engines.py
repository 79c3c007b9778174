"""The bot on a file, on a server, and as three replicas on it: acks, accepted commands, and a leader that dies.

All of them, the server and the world outside share the cores of one machine: on hosts of their own replicas have more.
"""

import asyncio
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.benchmarks._admitting import IN_A_COMMIT
from tests.benchmarks._figures import MISSED_MS, Figure, Spread, quantile
from tests.benchmarks._replicas import PLACES, THREE, Databases, Place, accepted, databases, replicas, until
from tests.benchmarks._worlds import world

ROUNDS: Final = 3
AT_ONCE: Final = 100
BURSTS: Final = ("first", "later")
BETWEEN_S: Final = 1.0
COMMITS: Final = 60
ACKED_MS: Final = 100.0
TAKEN_OVER_S: Final = 5.0

SHARED: Final = "Replicas, server and world share one machine's cores."


async def measure() -> list[Figure]:
    """Return the figures; the places take turns, each with a new database in each round."""
    acks: dict[str, dict[str, list[list[float]]]] = {burst: {each.name: [] for each in PLACES} for burst in BURSTS}
    rates: dict[str, list[tuple[int, float]]] = {each.name: [] for each in PLACES}
    with databases() as some:
        for _ in range(ROUNDS):
            for place in PLACES:
                for burst, values in zip(BURSTS, await _bursts(some, place), strict=True):
                    acks[burst][place.name].append(values)
                rates[place.name].append(await _rate(some, place))
        over = [await _failover(some) for _ in range(ROUNDS)]
    return [*(_acked(burst, acks[burst]) for burst in BURSTS), _accepted(rates), _taken_over(over)]


async def _bursts(some: Databases, place: Place) -> list[list[float]]:
    """Return the acks of two bursts of starts, while the platform hangs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack", "platform") as outside:
            await outside.ask("platform_hangs")
            async with replicas(folder, place.replicas, some.make(place, folder), outside.environ):
                acks = []
                for burst in BURSTS:
                    acks.append(await outside.type([f"start obedient {burst}-{each}" for each in range(AT_ONCE)]))
                    await asyncio.sleep(BETWEEN_S)
                return acks


async def _rate(some: Databases, place: Place) -> tuple[int, float]:
    """Return the commands that were refused, and those that the store accepted in a second, in a process a replica."""
    with tempfile.TemporaryDirectory() as name:
        each = COMMITS // place.replicas
        count, seconds = await accepted(some.make(place, Path(name)), place.replicas, each)
        return place.replicas * each * IN_A_COMMIT - count, count / seconds


async def _failover(some: Databases) -> float:
    """Kill the leader, type starts, and return the seconds from the kill until the first card is in a channel.

    One of so many starts reaches each replica: the one that goes to the killed one is lost.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            world(folder, "slack", "platform") as outside,
            replicas(folder, THREE.replicas, some.make(THREE, folder), outside.environ) as run,
        ):
            await until(lambda: any(each.leads for each in run), "a leader")
            before = (await outside.ask("posts")).get("channel", 0)
            leader = next(each for each in run if each.leads)
            began = time.monotonic()
            leader.program.process.kill()
            typing = asyncio.create_task(outside.type([f"start obedient {each}" for each in range(THREE.replicas)]))
            while True:
                if (await outside.ask("posts")).get("channel", 0) > before:
                    seconds = time.monotonic() - began
                    await typing
                    return seconds
                await asyncio.sleep(0.01)


def _acked(burst: str, acks: Mapping[str, list[list[float]]]) -> Figure:
    spreads = {name: Spread([quantile(each, 0.99) for each in rounds]) for name, rounds in acks.items()}
    missed = {name: sum(value >= MISSED_MS for each in rounds for value in each) for name, rounds in acks.items()}
    late = "; ".join(f"{name} missed {count}" for name, count in missed.items() if count) or "none missed an ack"
    return Figure(
        f"ack p99, platform hanging, {burst} {AT_ONCE} at once, by engine", f"{ACKED_MS:.0f} ms, 0 missed",
        all(each.median <= ACKED_MS for each in spreads.values()) and not any(missed.values()),
        "ms", spreads, note=f"{late}. {SHARED}",
    )  # fmt: skip


def _accepted(rates: Mapping[str, list[tuple[int, float]]]) -> Figure:
    spreads = {name: Spread([rate for _, rate in rounds]) for name, rounds in rates.items()}
    refused = sum(count for rounds in rates.values() for count, _ in rounds)
    return Figure(
        "accepted commands, by engine", "0 refused", refused == 0, "1/s", spreads,
        note=f"{refused} refused. {IN_A_COMMIT} at once in each process; one writer at a time, whichever process it"
        f" is of. {SHARED}",
    )  # fmt: skip


def _taken_over(seconds: list[float]) -> Figure:
    return Figure(
        "the leader is killed (-9): until the next one posts a card", f"{TAKEN_OVER_S:.0f} s",
        max(seconds) <= TAKEN_OVER_S, "s", {THREE.name: Spread(seconds)},
    )  # fmt: skip
