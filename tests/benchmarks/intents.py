"""Starts per intent: one, whatever happens to the command and to the bot."""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from tests.benchmarks._figures import Figure, Spread
from tests.benchmarks._worlds import Program, World, bot, contender, running, world

OURS: Final = "session bot (a)"
EACH: Final = 20


async def measure() -> list[Figure]:
    """Return the number of starts at the platform for each intent, by what was done to it."""
    return [await _measured(what, done) for what, done in _KINDS.items()]


class _Try:
    """One world, and the bot in it, which can be killed and comes back on its database."""

    def __init__(self, folder: Path, slack: World, hosts: World, exits: AsyncExitStack) -> None:
        self.slack = slack
        self.hosts = hosts
        self._folder = folder
        self._exits = exits

    async def run(self, command: Sequence[str]) -> Program:
        """Run the bot; wait until it is connected."""
        program = await self._exits.enter_async_context(
            running(self._folder, command, {**self.slack.environ, **self.hosts.environ})
        )
        await self.slack.ask("connected")
        return program

    async def started(self, texts: Sequence[str]) -> list[int]:
        """Return the number of starts for each text, when no more have come for a while."""
        seen: dict[str, list[float]] = {}
        async with asyncio.timeout(60):
            while any(each not in seen for each in texts):
                await asyncio.sleep(0.2)
                seen = (await self.hosts.ask("hosts_seen"))["started"]
        await asyncio.sleep(2)
        seen = (await self.hosts.ask("hosts_seen"))["started"]
        return [len(seen[each]) for each in texts]


async def _double_press(world: _Try, texts: Sequence[str]) -> None:
    await world.run(bot())
    await world.slack.ask("twice", texts=[f"start hotline {each}" for each in texts], redelivered=False)


async def _redelivery(world: _Try, texts: Sequence[str]) -> None:
    await world.run(bot())
    await world.slack.ask("twice", texts=[f"start hotline {each}" for each in texts], redelivered=True)


async def _edit(world: _Try, texts: Sequence[str]) -> None:
    await world.run(bot())
    await world.slack.ask("edited", texts=[f"start hotline {each}" for each in texts])


async def _killed(world: _Try, texts: Sequence[str]) -> None:
    """Kill the bot while the platform has the calls and has not answered; then type the same again."""
    program = await world.run(bot())
    await world.hosts.ask("hosts_set", start_delay=5.0)
    await world.slack.type([f"start hotline {each}" for each in texts])
    await world.started(texts)
    program.process.send_signal(signal.SIGKILL)
    await program.process.wait()
    await world.run(bot())
    await world.slack.type([f"start hotline {each}" for each in texts])


async def _clock(world: _Try, texts: Sequence[str]) -> None:
    """Set the wall clock forward by an hour between two presses."""
    program = await world.run(contender("clocked_bot"))
    await world.slack.type([f"start hotline {each}" for each in texts])
    await world.started(texts)
    program.process.send_signal(signal.SIGUSR1)
    await world.slack.type([f"start hotline {each}" for each in texts])


_KINDS: Final[dict[str, Callable[[_Try, Sequence[str]], Awaitable[None]]]] = {
    "pressed twice at once": _double_press,
    "its envelope delivered again": _redelivery,
    "its message edited": _edit,
    "the bot killed (-9) while the platform has the call, and the same typed again": _killed,
    "the clock set forward by an hour, and the same typed again": _clock,
}


async def _measured(what: str, done: Callable[[_Try, Sequence[str]], Awaitable[None]]) -> Figure:
    texts = [f"intent-{number}" for number in range(EACH)]
    with tempfile.TemporaryDirectory() as name:
        async with AsyncExitStack() as exits:
            slack = await exits.enter_async_context(world(Path(name), "slack"))
            hosts = await exits.enter_async_context(world(Path(name), "hosts"))
            tried = _Try(Path(name), slack, hosts, exits)
            await done(tried, texts)
            counts = await tried.started(texts)
    return Figure(
        what=f"starts per intent: {what} ({EACH} intents)",
        must="exactly 1.000",
        reached=all(each == 1 for each in counts),
        unit="starts",
        cells={OURS: Spread([sum(counts) / EACH])},
    )


if __name__ == "__main__":
    began = time.monotonic()
    sys.stdout.write("\n".join([*map(str, asyncio.run(measure())), f"{time.monotonic() - began:.0f} s\n"]))
