"""The cost of very many open sessions: of a round that reads what they announce, and of a look in the history.

The platform is `stand_in.py`, in a process of its own, over TLS. All of its sessions announce themselves, signed, once
a minute. They are found first; then a round of the announcements is measured while the history is left alone, and a
look in the history by the next process, which reads no announcements.
"""

import asyncio
import contextlib
import secrets
import sqlite3
import ssl
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import trustme

from tests.benchmarks._figures import Figure, Spread
from tests.benchmarks._worlds import Program, World, bot, running, world

OURS: Final = "session bot (a)"
SESSIONS, ROUND_S, LOOK_S = 10_000, 10, 10
IDS_A_CALL, ROWS_A_CALL, CPU_S = 1_000, 50, 2.0
NEVER_S: Final = 3_600
_FOUND_WITHIN_S: Final = 120.0
_LAST_ROUND: Final = "select read_at from announcements"
_KNOWN: Final = "select count(*) from sessions"
_ANNOUNCED: Final = '[directory]\nchannel = "{room}"\napplications = ["4379001"]\n'


async def measure() -> list[Figure]:
    """Return the calls and the processor time of a round, and of a look."""
    with tempfile.TemporaryDirectory() as name:
        async with _platform(Path(name)) as platform, world(platform.folder, "slack") as slack:
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


@dataclass(frozen=True)
class _Platform:
    """The stand-in for the platform, and the folder with what a program must know of it."""

    folder: Path
    base: str
    secret: str
    http: aiohttp.ClientSession

    def environ(self, slack: World, **settings: int) -> Mapping[str, str]:
        """Return the settings of a process of the bot."""
        return {
            **slack.environ, "SSL_CERT_FILE": str(self.folder / "ca.pem"),
            "VOXIMPLANT_API_URL": f"{self.base}/platform_api", "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
            "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key", "SESSION_BOT_ANNOUNCE_SECRET": self.secret,
            "SESSION_BOT_OPS_PORT": "0", "SESSION_BOT_DATABASE": str(self.folder / "session-bot.db"),
            **{f"SESSION_BOT_{each.upper()}_SECONDS": str(value) for each, value in settings.items()},
        }  # fmt: skip

    async def calls(self, method: str) -> int:
        """Return the number of calls of a method so far."""
        async with self.http.get(f"{self.base}/facts") as answer:
            return int((await answer.json())["calls"].get(method, 0))

    def read(self, query: str) -> Any:
        """Return the one value of a query on the bot's database."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/session-bot.db?mode=ro", uri=True)) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None

    async def spent(self, process: Program, method: str, wait: Callable[[], Any]) -> tuple[float, float]:
        """Return the calls of a method and the processor time in which `wait` passes."""
        calls, cpu = await self.calls(method), process.cpu_s
        await wait()
        return await self.calls(method) - calls, process.cpu_s - cpu


async def _announced(platform: _Platform, slack: World) -> tuple[float, float]:
    room, _ = (await slack.ask("show_cards", count=1))[0]
    config = platform.folder / "session-bot.toml"
    config.write_text(_ANNOUNCED.format(room=room))
    async with running(platform.folder, bot(), platform.environ(slack, directory=ROUND_S, watch=NEVER_S)) as process:
        await slack.ask("connected")
        await slack.type(["help"])
        async with platform.http.post(f"{platform.base}/more?sessions={SESSIONS}"):
            pass
        await _until(lambda: platform.read(_KNOWN) >= SESSIONS)
        await _round(platform)  # the one in which they were found
        await _round(platform)
        spent = await platform.spent(process, "GetKeyValueItems", lambda: _round(platform))
    config.unlink()
    return spent


async def _looked_up(platform: _Platform, slack: World) -> tuple[float, float]:
    async with running(platform.folder, bot(), platform.environ(slack, watch=LOOK_S)) as process:
        await slack.ask("connected")
        await asyncio.sleep(2 * LOOK_S)  # the first look finds when each is due
        looks = 2
        calls, cpu = await platform.spent(process, "GetCallHistory", lambda: asyncio.sleep(looks * LOOK_S))
        return calls / looks, cpu / looks


async def _round(platform: _Platform) -> None:
    before = platform.read(_LAST_ROUND)
    await _until(lambda: platform.read(_LAST_ROUND) != before)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_FOUND_WITHIN_S):
        while not condition():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def _platform(folder: Path) -> AsyncIterator[_Platform]:
    authority, secret = trustme.CA(), secrets.token_hex(16)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "platform.pem")
    process = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("stand_in.py"), folder / "platform.pem", secret,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    base = (await process.stdout.readline()).decode().strip()
    tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http:
            yield _Platform(folder, base, secret, http)
    finally:
        process.kill()
        await process.wait()


if __name__ == "__main__":
    began = time.monotonic()
    sys.stdout.write("\n".join([*map(str, asyncio.run(measure())), f"{time.monotonic() - began:.0f} s\n"]))
