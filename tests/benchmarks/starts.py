"""Starts that come at once, beside contender (g): a script on the platform's official client."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.benchmarks._figures import Figure, Spread
from tests.benchmarks._open_sessions import keep_sessions
from tests.benchmarks._worlds import World, bot, contender, running, world

OURS: Final = "session bot (a)"
CLIENT: Final = "script on the official client (g)"
STARTS, ROUNDS, ANSWER_S, HANGS_S = 20, 2, 0.15, 3.0


async def measure() -> list[Figure]:
    """Return the figures of twenty starts at once, at a platform that answers and at one that hangs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with world(folder, "platform"):
            account = (folder / "account.json").read_bytes()  # the client wants one, and its platform asks no more
        async with world(folder, "slack") as slack, world(folder, "hosts") as hosts, _running(folder, slack, hosts):
            (folder / "client.json").write_bytes(account)
            answered: dict[str, list[float]] = {OURS: [], CLIENT: []}
            for each in range(ROUNDS):
                answered[OURS].append(await _until_last(hosts, _typed(slack, f"answered-{each}")))
                answered[CLIENT].append(await _until_last(hosts, _scripted(folder, hosts)))
            there = {
                OURS: await _there(hosts, _typed(slack, "hangs")),
                CLIENT: await _there(hosts, _scripted(folder, hosts)),
            }
    ours, theirs = (Spread(answered[each]) for each in (OURS, CLIENT))
    return [
        Figure(
            what=f"{STARTS} starts at once, each answered after {ANSWER_S * 1000:.0f} ms: until the last is answered",
            must="at most (g)",
            reached=ours.median <= theirs.median,
            unit="s",
            cells={OURS: ours, CLIENT: theirs},
            note="the script starts one after the other, and its own beginning (imports, reading a key) counts.",
        ),
        Figure(
            what=f"the same, platform hangs: starts that are at the platform after {HANGS_S:.0f} s",
            must=f"{STARTS}",
            reached=there[OURS] == STARTS,
            unit="starts",
            cells={each: Spread([count]) for each, count in there.items()},
            note="the client has no time-outs: its first start holds up all others, for ever.",
        ),
    ]


@asynccontextmanager
async def _running(folder: Path, slack: World, hosts: World) -> AsyncIterator[None]:
    cards = await slack.ask("show_cards", count=0)
    kept = await keep_sessions(folder, hosts.environ["VOXIMPLANT_API_URL"].removesuffix("/platform_api"), cards)
    async with running(folder, bot(), {**slack.environ, **hosts.environ, **kept}):
        await slack.ask("connected")
        yield


@asynccontextmanager
async def _typed(slack: World, words: str) -> AsyncIterator[None]:
    await slack.type([f"start hotline {words}-{each}" for each in range(STARTS)])
    yield


@asynccontextmanager
async def _scripted(folder: Path, hosts: World) -> AsyncIterator[None]:
    place = urlsplit(hosts.environ["VOXIMPLANT_API_URL"]).netloc
    command = [*contender("start_by_client"), place, str(folder / "client.json"), str(STARTS)]
    trust = {"REQUESTS_CA_BUNDLE": str(folder / "ca.pem"), "PATH": os.environ["PATH"]}
    async with running(folder, command, trust):
        yield


async def _until_last(hosts: World, starting: Any) -> float:
    """Return the seconds until the last start is answered."""
    await hosts.ask("hosts_set", start_delay=ANSWER_S, starts_hang=False)
    began = time.monotonic()
    async with starting, asyncio.timeout(60):
        while len(started := (await hosts.ask("hosts_seen"))["started"]) < STARTS:  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.05)
    return float(max(each[0] for each in started.values()) - began)


async def _there(hosts: World, starting: Any) -> int:
    """Return the number of starts that are at a platform that hangs, after a while."""
    await hosts.ask("hosts_set", starts_hang=True)
    async with starting:
        await asyncio.sleep(HANGS_S)
        return len((await hosts.ask("hosts_seen"))["started"])


if __name__ == "__main__":
    began = time.monotonic()
    sys.stdout.write("\n".join([*map(str, asyncio.run(measure())), f"{time.monotonic() - began:.0f} s\n"]))
