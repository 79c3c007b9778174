"""The embedded world: a platform, a Slack, and the environment for a bot.

All of it is on this machine and temporary, its secrets as well: they are made for it and end with it.
"""

import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Self

from bot.sandbox import Certificates, WorldClock
from bot.sandbox.slack import Channel, LocalSlack, Person, SlackOptions
from bot.sandbox.voximplant import Account, CannedAnswer, Platform, PlatformOptions


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports of the world, on 127.0.0.1; the system chooses a port for each 0."""

    slack: int = 0
    api: int = 0
    media: int = 0
    media_tls: int = 0
    page: int = 0

    @classmethod
    def starting_at(cls, first: int) -> Self:
        """Return five ports in a row: Slack, the Management API, session URLs plain and over TLS, and the page."""
        return cls(slack=first, api=first + 1, media=first + 2, media_tls=first + 3, page=first + 4)


@dataclass(frozen=True, kw_only=True)
class World:
    """The embedded world. `ann` and `bob` are members of the channel, and so is the bot.

    `clock` is that of its Slack and its platform; `environ` is the environment for a bot, or any other client;
    `folder` is removed with the world.
    """

    platform: Platform
    slack: LocalSlack
    channel: Channel
    folder: Path
    clock: WorldClock
    environ: Mapping[str, str] = field(repr=False)

    def person(self, name: str) -> Person:
        """Return a member of the workspace by name; a new name is a new member."""
        return self.slack.person(name)


@contextlib.asynccontextmanager
async def open_world(
    ports: Ports = Ports(),
    request_url: str = "",
    *,
    answer_bodies: bool = False,
    account: Account | None = None,
    answers: Mapping[str, CannedAnswer] = MappingProxyType({}),
) -> AsyncIterator[World]:
    """Set up the world, and remove it at the end. Raises OSError when a port is taken.

    Slack waits for Socket Mode or, with `request_url`, sends payloads there: HTTP mode. With
    `answer_bodies` a request to a session is answered with its scenario's return value. The platform's account is by
    default the one with the scenarios that ship; its scenarios' own requests get `answers`, by URL.
    """
    with TemporaryDirectory(prefix="session-bot-") as name:
        folder = Path(name)
        certificates, clock = Certificates(), WorldClock()
        options = PlatformOptions(
            port=ports.api,
            media_port=ports.media,
            media_tls_port=ports.media_tls,
            answer_bodies=answer_bodies,
            answers=answers,
            clock=clock,
            time=clock,
        )
        async with (
            Platform(certificates, options, account) as platform,
            LocalSlack(SlackOptions(port=ports.slack, request_url=request_url, clock=clock)) as slack,
        ):
            channel = slack.channel("night-shift", members=[slack.person("ann"), slack.person("bob")])
            way_in = (
                {"SLACK_SIGNING_SECRET": slack.signing_secret} if request_url else {"SLACK_APP_TOKEN": slack.app_token}
            )
            environ = {**way_in, **_environ(folder, certificates, platform, slack)}
            yield World(platform=platform, slack=slack, channel=channel, folder=folder, clock=clock, environ=environ)


def _environ(folder: Path, certificates: Certificates, platform: Platform, slack: LocalSlack) -> dict[str, str]:
    """Return the settings of a bot as environment variables. The database is in the world's folder."""
    authority, credentials = folder / "ca.pem", folder / "service-account.json"
    certificates.write_ca(authority)
    write_secret(credentials, json.dumps(platform.account.service_account()))
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        "VOXIMPLANT_API_URL": platform.api_url,
        "VOXIMPLANT_CREDENTIALS": str(credentials),
        "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
        "VOXIMPLANT_LOG_HOSTS": "127.0.0.1",
        "SSL_CERT_FILE": str(authority),
        "SESSION_BOT_DATABASE": str(folder / "session-bot.db"),
    }


def write_secret(path: Path, text: str) -> None:
    """Write a new file that nobody else can read, from its first byte on. Raises OSError, also if it exists."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
