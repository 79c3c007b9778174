"""The time until commands are acked, beside bare Bolt that only acks: healthy, and while the platform hangs."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks._figures import MISSED_MS, Figure, Spread, quantile, ratios
from tests.benchmarks._worlds import World, bot, contender, running, world

ROUNDS = 3
BURSTS = (100, 500)
OURS, BARE = "session bot (a)", "bare Bolt (0)"


async def measure() -> list[Figure]:
    """Return the figures of acks; each round is a fresh process of each contender, in turn."""
    acks: dict[str, dict[int, list[list[float]]]] = {name: {each: [] for each in BURSTS} for name in (OURS, BARE)}
    for _ in range(ROUNDS):
        for burst in BURSTS:
            for name, command in ((BARE, contender("bolt_acks")), (OURS, bot())):
                acks[name][burst].append(await first_burst(command, [f"start obedient {n}" for n in range(burst)]))
    return [_hanging(burst, {name: acks[name][burst] for name in acks}) for burst in BURSTS]


async def first_burst(command: Sequence[str], texts: Sequence[str]) -> list[float]:
    """Start a program while the platform hangs, type at once as soon as it is connected, and return the acks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack", "platform") as outside:
            await outside.ask("platform_hangs")
            async with running(folder, command, outside.environ):
                return await _after_connecting(outside, texts)


async def _after_connecting(outside: World, texts: Sequence[str]) -> list[float]:
    await outside.ask("connected")
    return await outside.type(texts)


def _hanging(burst: int, acks: dict[str, list[list[float]]]) -> Figure:
    spreads = {name: Spread([quantile(each, 0.99) for each in rounds]) for name, rounds in acks.items()}
    times = ratios(spreads[OURS], spreads[BARE])
    missed = sum(each >= MISSED_MS for values in acks[OURS] for each in values)
    return Figure(
        what=f"ack p99, platform hanging, first {burst} at once ({times} × bare Bolt; {missed} missed)",
        must="3 × bare Bolt, 0 missed",
        reached=times.median <= 3 and missed == 0,
        unit="ms",
        cells=spreads,
    )


if __name__ == "__main__":
    print(*asyncio.run(measure()), sep="\n")  # noqa: T201 - a script for a person
