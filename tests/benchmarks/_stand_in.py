"""The platform of `stand_in.py` in a process of its own, over TLS, and what a bot must know of it."""

import asyncio
import contextlib
import secrets
import sqlite3
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import trustme

from tests.benchmarks._worlds import World

_FOUND_WITHIN_S: Final = 180.0
RECORDED: Final = "select count(*) from sessions"
_ANNOUNCED: Final = '[directory]\nchannel = "{room}"\napplications = ["4379001"]\n'


@dataclass(frozen=True)
class StandIn:
    """A running stand-in, and the folder of the bot beside it."""

    folder: Path
    base: str
    secret: str = field(repr=False)
    http: aiohttp.ClientSession

    def environ(self, slack: World, **settings: int) -> Mapping[str, str]:
        """Return the settings of a process of the bot; `directory` and `watch` are their seconds."""
        return {
            **slack.environ, "SSL_CERT_FILE": str(self.folder / "ca.pem"),
            "VOXIMPLANT_API_URL": f"{self.base}/platform_api", "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
            "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key", "SESSION_BOT_ANNOUNCE_SECRET": self.secret,
            "SESSION_BOT_OPS_PORT": "0", "SESSION_BOT_DATABASE": str(self.folder / "session-bot.db"),
            **{f"SESSION_BOT_{each.upper()}_SECONDS": str(value) for each, value in settings.items()},
        }  # fmt: skip

    def read_announcements(self, room: str) -> Path:
        """Write the bot's config by which it reads what is announced, for this channel; return its path."""
        config = self.folder / "session-bot.toml"
        config.write_text(_ANNOUNCED.format(room=room), encoding="utf-8")
        return config

    async def announce(self, sessions: int) -> None:
        """Begin so many sessions; each announces itself, signed, once a minute."""
        async with self.http.post(f"{self.base}/more?sessions={sessions}"):
            pass

    async def calls(self, method: str) -> int:
        """Return the number of calls of a method so far."""
        async with self.http.get(f"{self.base}/facts") as answer:
            return int((await answer.json())["calls"].get(method, 0))

    def read(self, query: str) -> Any:
        """Return the one value of a query on the bot's database; None: no row."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/session-bot.db?mode=ro", uri=True)) as connection:
            row = connection.execute(query).fetchone()
            return row[0] if row else None


async def until(condition: Callable[[], bool]) -> None:
    """Wait until the bot has found or read what the condition asks for; raise TimeoutError after three minutes."""
    async with asyncio.timeout(_FOUND_WITHIN_S):
        while not condition():  # noqa: ASYNC110 - another process sets no event
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def stand_in(folder: Path) -> AsyncIterator[StandIn]:
    """Run the platform; the certificate by which it is known is `ca.pem` in the folder."""
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
            yield StandIn(folder, base, secret, http)
    finally:
        process.kill()
        await process.wait()
