"""The world of the soak: the platform and the bot in processes of their own, and Slack in this one."""

import asyncio
import contextlib
import secrets
import ssl
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import trustme

from bot.sandbox.slack import Channel, LocalSlack, SlackOptions
from tests.benchmarks._worlds import Program, bot, running
from tests.factories import free_ports
from tests.soak._platform import APPLICATION, BACKGROUND, BULK, HOTLINE, LIMITED, OBEDIENT, STUBBORN

CHANNELS: Final = 40
PEOPLE: Final = 40
ROUND_S: Final = 30


@dataclass(frozen=True)
class SoakWorld:
    """Slack, the platform's own door, and the settings and the folder of the bot."""

    slack: LocalSlack
    rooms: list[Channel]
    bulk_room: Channel
    platform: str
    http: aiohttp.ClientSession
    folder: Path
    environ: Mapping[str, str]
    mark: str
    secrets: tuple[str, ...]

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.folder / "session-bot.db"

    @property
    def log_file(self) -> Path:
        """The log of all processes of the bot, one after another."""
        return self.folder / "errors.log"

    @property
    def ops(self) -> str:
        """The base of the bot's operations endpoints."""
        return f"http://127.0.0.1:{self.environ['SESSION_BOT_OPS_PORT']}"

    def bot(self) -> AbstractAsyncContextManager[Program]:
        """Return the bot's process; it is killed at the end, unless it has ended."""
        return running(self.folder, bot(), self.environ)

    async def tell(self, action: str, **given: Any) -> Any:
        """Post an action to the platform, and return its answer."""
        async with self.http.post(f"{self.platform}/{action}", params=given) as answer:
            return await answer.json(content_type=None)

    async def facts(self) -> Mapping[str, Any]:
        """Return all that the platform was asked."""
        async with self.http.get(f"{self.platform}/facts") as answer:
            return await answer.json()

    async def metrics(self) -> dict[str, float]:
        """Return the bot's metrics by their lines."""
        async with self.http.get(f"{self.ops}/metrics") as answer:
            lines = (line.rpartition(" ") for line in (await answer.text()).splitlines() if line[:1] != "#")
            return {name: float(value) for name, _, value in lines}


@contextlib.asynccontextmanager
async def soak_world(
    folder: Path, *, sessions: int, bulk: int, seed: int, channels: int = CHANNELS
) -> AsyncIterator[SoakWorld]:
    """Run Slack and the platform, with this many announced sessions in the background and for the bulk stop."""
    authority, secret, mark = trustme.CA(), secrets.token_hex(16), f"5oak{secrets.token_hex(6)}"
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "platform.pem")
    async with LocalSlack(SlackOptions(rate_limits=True)) as slack, _platform(folder, secret, mark, seed) as base:
        people = [slack.person(f"person{number}") for number in range(PEOPLE)]
        rooms = [slack.channel(f"room{number}", members=people) for number in range(channels)]
        far = slack.channel("background", members=people)
        bulk_room = slack.channel(BULK, members=people)
        (folder / "session-bot.toml").write_text(
            f'[directory]\nchannel = "{far.id}"\napplications = ["{APPLICATION}"]\n'
            f'[rules.{OBEDIENT}]\nid = 1001\n[rules.{BACKGROUND}]\nid = 1002\nhome = "{far.id}"\n'
            f'[rules.{BULK}]\nid = 1003\nhome = "{bulk_room.id}"\n'
            f'[rules.{LIMITED}]\nid = 1004\nmax = "15s"\n[rules.{STUBBORN}]\nid = 1005\n'
            f'[rules.{HOTLINE}]\nid = 1006\nsilent = "10s"\n[limits]\nabandoned_url_days = 0\n'
        )
        environ = {
            "SSL_CERT_FILE": str(folder / "ca.pem"),
            "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url,
            "VOXIMPLANT_API_URL": f"{base}/platform_api", "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
            "VOXIMPLANT_ACCOUNT_ID": "1", "VOXIMPLANT_API_KEY": "key", "SESSION_BOT_ANNOUNCE_SECRET": secret,
            "SESSION_BOT_OPS_PORT": str(free_ports(1)), "SESSION_BOT_DIRECTORY_SECONDS": str(ROUND_S),
            "SESSION_BOT_DATABASE": str(folder / "session-bot.db"),
        }  # fmt: skip
        tls = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as http:
            hidden = (slack.bot_token, slack.app_token, slack.signing_secret, secret, "/commands/T0LOCAL/")
            world = SoakWorld(slack, rooms, bulk_room, base, http, folder, environ, mark, hidden)
            await world.tell("more", rule=BACKGROUND, sessions=sessions)
            await world.tell("more", rule=BULK, sessions=bulk)
            yield world


@contextlib.asynccontextmanager
async def _platform(folder: Path, secret: str, mark: str, seed: int) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.soak._platform", folder / "platform.pem", secret, mark, str(seed),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.kill()
        await process.wait()
