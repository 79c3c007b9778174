"""The painting of many cards under Slack's real limits, by a clock that is fast for Slack and the bot alike."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.benchmarks._fast_clock import BASE, TIMES
from tests.benchmarks._figures import Figure, Spread
from tests.benchmarks._open_sessions import keep_sessions
from tests.benchmarks._worlds import World, contender, running, world

OURS: Final = "session bot (a)"
CARDS, STOPS, ROOMS = 150, 5, 20
OUTCOME_S: Final = 15.0
UPDATES_A_MINUTE: Final = 50
LIMITED: Final = "Slack asks to wait"
_SETTLES_S: Final = 60.0


async def measure() -> list[Figure]:
    """Return the figures: 150 sessions end at once; meanwhile five others are stopped, whose replies must not wait."""
    os.environ[BASE] = str(time.monotonic())
    try:
        async with _world() as (folder, slack, hosts, cards):
            return await _paint(folder, slack, hosts, cards)
    finally:
        del os.environ[BASE]


@asynccontextmanager
async def _world() -> AsyncIterator[tuple[Path, World, World, list[Any]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "strict slack") as slack, world(folder, "hosts") as hosts:
            cards = await slack.ask("show_cards", count=CARDS + STOPS, rooms=ROOMS)
            kept = await keep_sessions(folder, hosts.environ["VOXIMPLANT_API_URL"].removesuffix("/platform_api"), cards)
            environ = {**slack.environ, **hosts.environ, **kept, BASE: os.environ[BASE]}
            async with running(folder, contender("clocked_bot"), environ):
                await slack.ask("connected")
                yield folder, slack, hosts, cards


async def _paint(folder: Path, slack: World, hosts: World, cards: list[Any]) -> list[Figure]:
    began = time.monotonic()
    await hosts.ask("hosts_end", count=CARDS)
    painting = asyncio.create_task(_painted(slack, began))
    async with asyncio.timeout(_SETTLES_S):
        while not await slack.ask("shown", text="ended"):  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(0.1)
    outcomes = [
        await slack.ask("answered", text=f"stop {number}", room=(number - 1) % ROOMS, ts=cards[number - 1][1])
        for number in range(CARDS + 1, CARDS + STOPS + 1)
    ]
    seconds = await painting
    limited = (folder / "errors.log").read_text().count(LIMITED)
    spread = Spread([each / 1000 * TIMES for each in outcomes])
    return [
        Figure(
            what=f"painting {CARDS} cards under Slack's limits: refusals for load (429) of our own making",
            must="0",
            reached=limited == 0,
            unit="refusals",
            cells={OURS: Spread([limited])},
            note=f"Slack takes {UPDATES_A_MINUTE} updates a minute; the clock of both is {TIMES} times as fast.",
        ),
        Figure(
            what=f"the same: {STOPS} stops typed meanwhile, until the reply is in the thread",
            must=f"{OUTCOME_S:.0f} s of Slack's, long before the last card",
            reached=spread.high <= OUTCOME_S < seconds,
            unit="s",
            cells={OURS: spread, "until the last card": Spread([seconds])},
        ),
    ]


async def _painted(slack: World, began: float) -> float:
    """Return the seconds, of Slack's clock, until every card says that its session ended."""
    async with asyncio.timeout(_SETTLES_S):
        while await slack.ask("shown", text="ended") < CARDS:  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(0.1)
    return (time.monotonic() - began) * TIMES


if __name__ == "__main__":
    started = time.monotonic()
    sys.stdout.write("\n".join([*map(str, asyncio.run(measure())), f"{time.monotonic() - started:.0f} s\n"]))
