"""The time until commands are acked while ten thousand announced sessions are read, beside itself without them."""

import asyncio
import contextlib
import secrets
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp
import trustme

from tests.benchmarks._figures import MISSED_MS, Figure, Spread, quantile, ratios
from tests.benchmarks._worlds import World, bot, running, world

SESSIONS: Final = 10_000
BURSTS, AT_ONCE, BETWEEN_S = 5, 100, 4.0
"""The bursts, each at another moment of a round."""

ROUND_S: Final = 10
TIMES: Final = 1.5
FOUND_S: Final = 180
WITHOUT, WITH = "session bot (a), none announced", f"session bot (a), {SESSIONS:,} announced"
_APPLICATION: Final = "4379001"


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
        folder = Path(name)
        async with world(folder, "slack") as slack, _platform(folder) as platform:
            base, secret = platform
            async with running(folder, bot(), {**slack.environ, **await _settings(folder, slack, base, secret)}):
                await slack.ask("connected")
                await _announce(folder, base, sessions)
                acks = []
                for burst in range(BURSTS):
                    acks.append(await slack.type([f"start hotline {burst}-{each}" for each in range(AT_ONCE)]))
                    await asyncio.sleep(BETWEEN_S)
                return acks


@contextlib.asynccontextmanager
async def _platform(folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Run the platform of `stand_in`; yield its base, and the secret with which its sessions sign."""
    authority, secret = trustme.CA(), secrets.token_hex(16)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "platform.pem")
    process = await asyncio.create_subprocess_exec(
        sys.executable, Path(__file__).with_name("stand_in.py"), folder / "platform.pem", secret,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip(), secret
    finally:
        process.kill()
        await process.wait()


async def _settings(folder: Path, slack: World, base: str, secret: str) -> dict[str, str]:
    [(channel, _)] = await slack.ask("show_cards", count=1)
    directory = f'[directory]\nchannel = "{channel}"\napplications = ["{_APPLICATION}"]\n'
    (folder / "session-bot.toml").write_text(directory, encoding="utf-8")
    return {
        "SSL_CERT_FILE": str(folder / "ca.pem"), "VOXIMPLANT_API_URL": f"{base}/platform_api",
        "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1", "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key",
        "SESSION_BOT_ANNOUNCE_SECRET": secret, "SESSION_BOT_OPS_PORT": "0",
        "SESSION_BOT_DIRECTORY_SECONDS": str(ROUND_S),
    }  # fmt: skip


async def _announce(folder: Path, base: str, sessions: int) -> None:
    async with aiohttp.ClientSession() as http, http.post(f"{base}/more?sessions={sessions}", ssl=False):
        pass
    async with asyncio.timeout(FOUND_S):
        while _recorded(folder) < sessions:  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.5)


def _recorded(folder: Path) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{folder}/session-bot.db?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("select count(*) from sessions").fetchone()
        return int(count)
