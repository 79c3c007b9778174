"""The time until commands are acked while ten thousand announced sessions are read, beside itself without them."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks._figures import MISSED_MS, Figure, Spread, quantile, ratios
from tests.benchmarks._stand_in import RECORDED, stand_in, until
from tests.benchmarks._worlds import bot, running, world

SESSIONS: Final = 10_000
BURSTS, AT_ONCE, BETWEEN_S = 5, 100, 4.0
"""The bursts, each at another moment of a round."""

ROUND_S: Final = 10
TIMES: Final = 1.5
WITHOUT, WITH = "session bot (a), none announced", f"session bot (a), {SESSIONS:,} announced"


async def measure() -> list[Figure]:
    """Return the figure; no start is answered, and each of both is a fresh process."""
    acks = {name: await _acks(sessions) for name, sessions in ((WITHOUT, 0), (WITH, SESSIONS))}
    spreads = {name: Spread([quantile(each, 0.99) for each in bursts]) for name, bursts in acks.items()}
    times = ratios(Spread([spreads[WITH].median]), Spread([spreads[WITHOUT].median]))
    missed = sum(each >= MISSED_MS for burst in acks[WITH] for each in burst)
    return [
        Figure(
            what=f"ack p99, starts hanging, {AT_ONCE} at once, sessions read every {ROUND_S} s",
            must=f"{TIMES} × itself without",
            reached=times.median <= TIMES and not missed,
            unit="ms",
            cells=spreads,
            note=f"{times} × itself without; {missed} missed.",
        )
    ]


async def _acks(sessions: int) -> list[list[float]]:
    """Announce sessions, wait until all are recorded, and return the acks of the bursts typed then."""
    with tempfile.TemporaryDirectory() as name:
        async with world(Path(name), "slack") as slack, stand_in(Path(name)) as platform:
            room, _ = (await slack.ask("show_cards", count=1))[0]
            platform.read_announcements(room)
            async with running(Path(name), bot(), platform.environ(slack, directory=ROUND_S)):
                await slack.ask("connected")
                await platform.announce(sessions)
                await until(lambda: platform.read(RECORDED) >= sessions)
                acks = []
                for burst in range(BURSTS):
                    acks.append(await slack.type([f"start hotline {burst}-{each}" for each in range(AT_ONCE)]))
                    await asyncio.sleep(BETWEEN_S)
                return acks
