"""The time from a command to its result in the thread, and of a stop while starts hang."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.benchmarks._figures import Figure, Spread, quantile
from tests.benchmarks._open_sessions import keep_sessions
from tests.benchmarks._worlds import World, bot, running, world

OURS: Final = "session bot (a)"
ROOMS: Final = 20
SENDS, OWN_SHARE_MS = 40, 30.0
STOPS, STARTS = 12, 64
DELAYS_S: Final = (0.0, 0.15)
STOP_MS: Final = 100.0
LANE: Final = 48
"""The number of starts that are on their way at once."""


async def measure() -> list[Figure]:
    """Return the figures; commands are typed one after the other, into twenty rooms."""
    async with _world(SENDS) as (slack, hosts, cards):
        sends = [await _sends(delay, slack, hosts, cards) for delay in DELAYS_S]
    async with _world(2 * STOPS) as (slack, hosts, _):
        stops = await _stops(slack, hosts)
    return [*sends, stops]


@asynccontextmanager
async def _world(sessions: int) -> AsyncIterator[tuple[World, World, list[Any]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack") as slack, world(folder, "hosts") as hosts:
            cards = await slack.ask("show_cards", count=sessions, rooms=ROOMS)
            kept = await keep_sessions(folder, hosts.environ["VOXIMPLANT_API_URL"].removesuffix("/platform_api"), cards)
            async with running(folder, bot(), {**slack.environ, **hosts.environ, **kept}):
                await slack.ask("connected")
                await asyncio.sleep(2)  # the first look at all of them
                yield slack, hosts, cards


async def _sends(delay: float, slack: World, hosts: World, cards: list[Any]) -> Figure:
    await hosts.ask("hosts_set", delay=delay)
    took = []
    for number, (_, ts) in enumerate(cards):
        text = f'send {number + 1} {{"n": {number}, "after": {delay}}}'
        took.append(await slack.ask("answered", text=text, room=number % ROOMS, ts=ts) - delay * 1000)
    share = quantile(took, 0.95)
    return Figure(
        what=f"a send until its result is in the thread, platform answers after {delay * 1000:.0f} ms: own share, p95",
        must=f"{OWN_SHARE_MS:.0f} ms",
        reached=share <= OWN_SHARE_MS,
        unit="ms",
        cells={OURS: Spread([share]), f"{OURS}, p50": Spread([quantile(took, 0.5)])},
    )


async def _stops(slack: World, hosts: World) -> Figure:
    idle = [await _stop(each, slack, hosts) for each in range(1, STOPS + 1)]
    await hosts.ask("hosts_set", starts_hang=True)
    typed = [f"start hotline hang-{each}" for each in range(STARTS)]
    await slack.type(typed)
    async with asyncio.timeout(60):
        while len((await hosts.ask("hosts_seen"))["started"]) < LANE:  # noqa: ASYNC110 - a process sets no event
            await asyncio.sleep(0.1)
    busy = [await _stop(each, slack, hosts) for each in range(STOPS + 1, 2 * STOPS + 1)]
    spreads = {f"{OURS}, idle": Spread(idle), f"{OURS}, {STARTS} starts hang": Spread(busy)}
    over = spreads[f"{OURS}, {STARTS} starts hang"].median - spreads[f"{OURS}, idle"].median
    return Figure(
        what=f"a stop until it is at its session, while {STARTS} starts hang ({over:.0f} ms over idle)",
        must=f"{STOP_MS:.0f} ms over idle",
        reached=over <= STOP_MS,
        unit="ms",
        cells=spreads,
    )


async def _stop(number: int, slack: World, hosts: World) -> float:
    """Stop a session; return the milliseconds from typing to the arrival of the request."""
    began = await slack.ask("say", text=f"stop {number}", room=(number - 1) % ROOMS)
    async with asyncio.timeout(30):
        while str(number) not in (seen := await hosts.ask("hosts_seen"))["arrived"]:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
    return float(seen["arrived"][str(number)][0] - began) * 1000


if __name__ == "__main__":
    began = time.monotonic()
    sys.stdout.write("\n".join([*map(str, asyncio.run(measure())), f"{time.monotonic() - began:.0f} s\n"]))
