"""Stops of many sessions: until the last one is delivered, beside what somebody would do at a shell."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.benchmarks._figures import Figure, Spread, ratios
from tests.benchmarks._open_sessions import keep_sessions, session_url
from tests.benchmarks._shell_stops import LOOP, PARALLEL, XARGS, stop_by_shell
from tests.benchmarks._worlds import Program, World, bot, running, world

OURS: Final = "session bot (a)"
MANY, MANY_ROUNDS, DELAY_S = 1_000, 3, 0.02
FEW, HANGING, LIMIT_S = 50, 5, 5.0
_SETTLES_S: Final = 120.0


@dataclass
class Hosts:
    """The world of one measurement: Slack, and the hosts of so many sessions, each in a process of its own."""

    folder: Path
    slack: World
    hosts: World
    sessions: int
    hanging: tuple[int, ...] = ()
    delay: float = 0.0

    @property
    def urls(self) -> Sequence[str]:
        """Return the URLs of the sessions."""
        origin = self.hosts.environ["VOXIMPLANT_API_URL"].removesuffix("/platform_api")
        return [session_url(origin, number) for number in range(1, self.sessions + 1)]

    async def forget(self) -> None:
        """Forget what the hosts have seen."""
        await self.hosts.ask("hosts_set", delay=self.delay, hanging=list(self.hanging))

    async def by_shell(self, name: str) -> float:
        """Return the seconds until the last request of a contender has arrived, or was answered if it can be."""
        await self.forget()
        return await self._delivered(await stop_by_shell(name, self.folder, self.urls))

    async def by_bot(self) -> float:
        """Return the same of the bot, from the press of the button on."""
        return await self._delivered(
            await self.slack.ask("press", text="stop all", label=f"Stop {self.sessions} sessions")
        )

    async def _delivered(self, began: float) -> float:
        seen: dict[str, Any] = {}
        async with asyncio.timeout(_SETTLES_S):
            while len(seen.get("arrived", ())) < self.sessions or len(seen["answered"]) < self.sessions - len(
                self.hanging
            ):
                seen = await self.hosts.ask("hosts_seen")
                await asyncio.sleep(0.05)
        last_arrival = max(each[0] for each in seen["arrived"].values())
        return float(max(last_arrival, *seen["answered"].values()) - began)

    @contextlib.asynccontextmanager
    async def bot(self, **settings: str) -> AsyncIterator[Program]:
        """Run the bot on a new database in which the sessions run, each with its card."""
        (self.folder / "session-bot.db").unlink(missing_ok=True)
        origin = self.hosts.environ["VOXIMPLANT_API_URL"].removesuffix("/platform_api")
        kept = await keep_sessions(self.folder, origin, await self.slack.ask("show_cards", count=self.sessions))
        await self.forget()
        async with running(
            self.folder, bot(), {**self.slack.environ, **self.hosts.environ, **kept, **settings}
        ) as program:
            await self.slack.ask("connected")
            await asyncio.sleep(2)  # the first look at all of them
            await self.forget()
            yield program


@contextlib.asynccontextmanager
async def hosts_of(sessions: int, *, hanging: int = 0, delay: float = 0.0) -> AsyncIterator[Hosts]:
    """Run the world of so many sessions, of which the first ones hang."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "slack") as slack, world(folder, "hosts") as hosts:
            yield Hosts(folder, slack, hosts, sessions, tuple(range(1, hanging + 1)), delay)


async def measure() -> list[Figure]:
    """Return the figures of fifty stops of which five hang, and of a thousand."""
    return [*await _few(), await _many()]


async def _few() -> list[Figure]:
    async with hosts_of(FEW, hanging=HANGING) as hosts:
        cells = {name: [await hosts.by_shell(name)] for name in (LOOP, XARGS, PARALLEL)}
    async with hosts_of(FEW, hanging=HANGING) as hosts, hosts.bot(SESSION_BOT_CONFIRM_SECONDS="10"):
        cells = {OURS: [await hosts.by_bot()], **cells}
        posts = await _posts_when_settled(hosts)
    spreads = {name: Spread(values) for name, values in cells.items()}
    ours = spreads[OURS].median
    ahead = (ours - spreads[PARALLEL].median) * 1000
    lost = "" if ahead <= 0 else f"curl is {ahead:.0f} ms ahead: the press, its ack, the rights and three commits; "
    return [
        Figure(
            what=f"bulk stop of {FEW}, {HANGING} hang, limit {LIMIT_S:.0f} s: last delivery",
            must=f"{1.1 * LIMIT_S:.1f} s, and at most (e) and (f)",
            reached=ours <= min(1.1 * LIMIT_S, spreads[XARGS].median, spreads[PARALLEL].median),
            unit="s",
            cells=spreads,
            note=f"{lost}a session that hangs counts as delivered when its first request arrives; the bot then asks it"
            " twice more within 15 s, with the same request id, which none of the others does.",
        ),
        Figure(
            what="the same: messages posted in the channel, the summary and the alarm; the list stands in its thread",
            must="2",
            reached=posts.get("channel", 0) == 2,
            unit="messages",
            cells={OURS: Spread([posts.get("channel", 0)])},
        ),
    ]


async def _posts_when_settled(hosts: Hosts) -> dict[str, int]:
    """Return the posts when the list of outcomes stands in the thread, and nothing was posted for a while."""
    posts: dict[str, int] = {}
    async with asyncio.timeout(_SETTLES_S):
        while not posts.get("thread"):
            await asyncio.sleep(0.5)
            posts = await hosts.slack.ask("posts")
    await asyncio.sleep(3)
    told: dict[str, int] = await hosts.slack.ask("posts")
    return told


async def _many() -> Figure:
    cells: dict[str, list[float]] = {OURS: [], PARALLEL: []}
    for _ in range(MANY_ROUNDS):
        async with hosts_of(MANY, delay=DELAY_S) as hosts:
            cells[PARALLEL].append(await hosts.by_shell(PARALLEL))
            async with hosts.bot():
                cells[OURS].append(await hosts.by_bot())
    spreads = {name: Spread(values) for name, values in cells.items()}
    times = ratios(spreads[OURS], spreads[PARALLEL])
    lost = f"the bot takes {times} × as long. It also records each stop before it is sent, and each answer: two commits"
    return Figure(
        what=f"bulk stop of {MANY:,}, answered after {DELAY_S * 1000:.0f} ms: last delivery ({times} × (f))",
        must="1.5 × (f)",
        reached=times.median <= 1.5,
        unit="s",
        cells=spreads,
        note=""
        if times.median <= 1.5
        else f"{lost} and two lines of the audit are behind each, of which curl has none.",
    )


if __name__ == "__main__":
    began = time.monotonic()
    print(*asyncio.run(measure()), f"{time.monotonic() - began:.0f} s", sep="\n")  # noqa: T201 - a script for a person
