"""The cost of very many open sessions: of a round that reads what they announce, and of a look in the history.

The platform is `stand_in.py`, in a process of its own, over TLS. All of its sessions announce themselves, signed, once
a minute. They are found first; then a round of the announcements is measured while the history is left alone, and a
look in the history by the next process, which reads no announcements.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from tests.benchmarks._figures import Figure, Spread
from tests.benchmarks._stand_in import RECORDED, StandIn, stand_in, until
from tests.benchmarks._worlds import Program, World, bot, running, world

OURS: Final = "session bot (a)"
SESSIONS, ROUND_S, LOOK_S = 10_000, 10, 10
IDS_A_CALL, ROWS_A_CALL, CPU_S = 1_000, 50, 2.0
NEVER_S: Final = 3_600
_LAST_ROUND: Final = "select read_at from announcements"


async def measure() -> list[Figure]:
    """Return the calls and the processor time of a round, and of a look."""
    with tempfile.TemporaryDirectory() as name:
        async with stand_in(Path(name)) as platform, world(platform.folder, "slack") as slack:
            announced = await _announced(platform, slack)
            looked = await _looked_up(platform, slack)
    return [
        *_figures("a round of 10,000 announced sessions", "storage", SESSIONS // ROWS_A_CALL + 1, announced),
        *_figures("a look at 10,000 open sessions", "history", SESSIONS // IDS_A_CALL, looked),
    ]


def _figures(what: str, kind: str, allowed: int, spent: tuple[float, float]) -> list[Figure]:
    calls, cpu = spent
    note = (
        "a list has no total, so where its last page is full one more call finds its end." if kind == "storage" else ""
    )
    return [
        Figure(f"{what}: {kind} calls", f"{allowed}", calls <= allowed, "calls", {OURS: Spread([calls])}, note),
        Figure(f"{what}: processor time", f"{CPU_S:.0f} s of a core", cpu <= CPU_S, "s", {OURS: Spread([cpu])}),
    ]


async def _spent(
    platform: StandIn, process: Program, method: str, wait: Callable[[], Awaitable[None]]
) -> tuple[float, float]:
    """Return the calls of a method and the processor time in which `wait` passes."""
    calls, cpu = await platform.calls(method), process.cpu_s
    await wait()
    return await platform.calls(method) - calls, process.cpu_s - cpu


async def _announced(platform: StandIn, slack: World) -> tuple[float, float]:
    room, _ = (await slack.ask("show_cards", count=1))[0]
    config = platform.read_announcements(room)
    async with running(platform.folder, bot(), platform.environ(slack, directory=ROUND_S, watch=NEVER_S)) as process:
        await slack.ask("connected")
        await slack.type(["help"])
        await platform.announce(SESSIONS)
        await until(lambda: platform.read(RECORDED) >= SESSIONS)
        await _round(platform)  # the one in which they were found
        await _round(platform)
        spent = await _spent(platform, process, "GetKeyValueItems", lambda: _round(platform))
    config.unlink()
    return spent


async def _looked_up(platform: StandIn, slack: World) -> tuple[float, float]:
    async with running(platform.folder, bot(), platform.environ(slack, watch=LOOK_S)) as process:
        await slack.ask("connected")
        await asyncio.sleep(2 * LOOK_S)  # the first look finds when each is due
        looks = 2
        calls, cpu = await _spent(platform, process, "GetCallHistory", lambda: asyncio.sleep(looks * LOOK_S))
        return calls / looks, cpu / looks


async def _round(platform: StandIn) -> None:
    before = platform.read(_LAST_ROUND)
    await until(lambda: platform.read(_LAST_ROUND) != before)


if __name__ == "__main__":
    began = time.monotonic()
    sys.stdout.write("\n".join([*map(str, asyncio.run(measure())), f"{time.monotonic() - began:.0f} s\n"]))
