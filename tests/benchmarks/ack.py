"""The time until commands are acked while the platform hangs, beside bare Bolt that only acks, and other bots."""

import asyncio
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.benchmarks._figures import MISSED_MS, Figure, Spread, quantile, ratios
from tests.benchmarks._worlds import bot, contender, running, slow_commits, world

ROUNDS, HEALTHY_ROUNDS = 5, 3
BURSTS: Final = (("first 100", 100), ("later 100", 100), ("first 500", 500), ("later 500", 500))
"""The bursts in their order; a process of its own for each size, so that the first burst is the first after its start.

A later burst comes a second after the one before, whose work is under way then.
"""

OURS, BARE, SYNC, HTTPX = "session bot (a)", "bare Bolt (0)", "sync Bolt (b)", "AsyncApp + httpx (c)"
SLOW = "session bot, 10 ms a commit"
BETWEEN_S: Final = 1.0
SLOW_TIMES: Final = 1.5
STATUSES, A_SECOND = 150, 50

Acks = Mapping[str, list[list[float]]]
"""The acks of each round, by the name of the contender."""


async def measure() -> list[Figure]:
    """Return the figures of acks; the contenders take turns, each a fresh process in each round."""
    commands = {
        BARE: contender("bolt_acks"), OURS: bot(), SLOW: slow_commits(),
        SYNC: contender("bolt_sync"), HTTPX: contender("bolt_httpx"),
    }  # fmt: skip
    acks: dict[str, dict[str, list[list[float]]]] = {title: {name: [] for name in commands} for title, _ in BURSTS}
    for number in range(ROUNDS):
        for size in (100, 500):
            for name, command in commands.items():
                if name in {SYNC, HTTPX} and (number or size > 100):  # once, for comparison: they miss most
                    continue
                titles = [title for title, burst in BURSTS if burst == size]
                for title, burst in zip(titles, await bursts(command, [size] * len(titles)), strict=True):
                    acks[title][name].append(burst)
    healthy = {name: [await _statuses(commands[name]) for _ in range(HEALTHY_ROUNDS)] for name in (BARE, OURS)}
    titles = [title for title, _ in BURSTS]
    hanging = [_hanging(title, acks[title]) for title in titles]
    return [*hanging, *(_slow_commits(title, acks[title]) for title in titles), _healthy(healthy)]


async def _statuses(command: Sequence[str]) -> list[float]:
    """Start a program while all is well, and return the acks of `status`, typed so many times a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack", "platform") as outside, running(folder, command, outside.environ):
            await outside.ask("connected")
            return await outside.type(["status"] * STATUSES, per_second=A_SECOND)


async def bursts(command: Sequence[str], sizes: Sequence[int]) -> list[list[float]]:
    """Start a program while the platform hangs, type bursts as soon as it is connected, and return their acks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack", "platform") as outside:
            await outside.ask("platform_hangs")
            async with running(folder, command, outside.environ):
                await outside.ask("connected")
                acks = []
                for number, size in enumerate(sizes):
                    acks.append(await outside.type([f"start obedient {number}-{each}" for each in range(size)]))
                    await asyncio.sleep(BETWEEN_S)
                return acks


def _hanging(title: str, acks: Acks) -> Figure:
    spreads = {name: _p99(rounds) for name, rounds in acks.items() if rounds and name != SLOW}
    missed = {name: _missed(acks[name]) for name in spreads}
    times = ratios(spreads[OURS], spreads[BARE])
    others = "; ".join(f"{name} missed {count}" for name, count in missed.items() if count)
    return Figure(
        what=f"ack p99, platform hanging, {title} at once",
        must="3 × bare Bolt, 0 missed",
        reached=times.median <= 3 and missed[OURS] == 0,
        unit="ms",
        cells=spreads,
        note=f"{times} × bare Bolt; {others or 'none missed an ack'}.",
    )


def _slow_commits(title: str, acks: Acks) -> Figure:
    spreads = {OURS: _p99(acks[OURS]), SLOW: _p99(acks[SLOW])}
    times, by_medians = ratios(spreads[SLOW], spreads[OURS]), spreads[SLOW].median / spreads[OURS].median
    return Figure(
        what=f"the same with 10 ms more a commit, {title} at once",
        must=f"{SLOW_TIMES} × itself without",
        reached=times.median <= SLOW_TIMES and not _missed(acks[SLOW]),
        unit="ms",
        cells=spreads,
        note=f"{times} × itself without, round by round; {by_medians:.2f} × by the medians;"
        f" {_missed(acks[SLOW])} missed.",
    )


def _healthy(acks: Acks) -> Figure:
    spreads = {name: Spread([quantile(each, 0.5) for each in rounds]) for name, rounds in acks.items()}
    times = ratios(spreads[OURS], spreads[BARE])
    return Figure(
        what=f"ack p50, all is well, {A_SECOND} status a second",
        must="1.5 × bare Bolt",
        reached=times.median <= 1.5 and not _missed(acks[OURS]),
        unit="ms",
        cells=spreads,
        note=f"{times} × bare Bolt; {_missed(acks[OURS])} missed.",
    )


def _p99(rounds: Sequence[Sequence[float]]) -> Spread:
    return Spread([quantile(each, 0.99) for each in rounds])


def _missed(rounds: Sequence[Sequence[float]]) -> int:
    return sum(each >= MISSED_MS for values in rounds for each in values)
