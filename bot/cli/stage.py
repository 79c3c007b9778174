"""The demo's stage: a platform, a Slack and the real bot between them, all on this machine and all temporary."""

import contextlib
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.cli.bot_process import BotProcess, bot_process
from bot.sandbox.certificates import Certificates
from bot.sandbox.slack import Channel, LocalSlack, Person
from bot.sandbox.voximplant import Platform

CONFIRM_S: Final = 5
WATCH_S: Final = 1
"""Shorter than in life (60 s, 15 s), so that nobody has to wait for the truth about a stuck session."""

_CONNECTED_WITHIN_S: Final = 30.0
_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH")
"""What Python may need to start. Nothing else: no proxy, and no token of a real workspace, gets in."""


@dataclass(frozen=True)
class Stage:
    """Everything there is to play with. `ann` and `bob` are members of the channel, and so is the bot."""

    platform: Platform
    slack: LocalSlack
    channel: Channel
    bot: BotProcess

    def person(self, name: str) -> Person:
        """Give a member of the workspace by name; a new name is a new member."""
        return self.slack.person(name)


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Set it all up, wait until the bot is connected, and take it all away at the end.

    Raises BotEnded when the bot does not come up.
    """
    with TemporaryDirectory(prefix="session-bot-demo-") as name:
        folder = Path(name)
        certificates = Certificates()
        async with Platform(certificates) as platform, LocalSlack() as slack:
            environ = _environ(folder, certificates, platform, slack)
            secrets = (slack.bot_token, slack.app_token)
            async with bot_process(environ, folder, secrets) as bot:
                channel = slack.channel("night-shift", members=[slack.person("ann"), slack.person("bob")])
                await bot.unless_it_ends(slack.connected(_CONNECTED_WITHIN_S))
                yield Stage(platform, slack, channel, bot)


def _environ(folder: Path, certificates: Certificates, platform: Platform, slack: LocalSlack) -> dict[str, str]:
    """Give the settings a bot needs to live between these two, as it would be given them in life."""
    authority, credentials = folder / "ca.pem", folder / "service-account.json"
    certificates.write_ca(authority)
    _write_secret(credentials, json.dumps(platform.account.service_account()))
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "SSL_CERT_FILE": str(authority),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "VOXIMPLANT_API_URL": platform.api_url,
        "VOXIMPLANT_CREDENTIALS": str(credentials),
        "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
        "SESSION_BOT_DATABASE": str(folder / "session-bot.db"),
        "SESSION_BOT_OPS_PORT": "0",
        "SESSION_BOT_CONFIRM_SECONDS": str(CONFIRM_S),
        "SESSION_BOT_WATCH_SECONDS": str(WATCH_S),
    }


def _write_secret(path: Path, text: str) -> None:
    """Write a file that nobody else can read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
