"""Doctor, on the way to Slack: reachability of its hosts over the bot's own way. Nothing is sent to them.

Slack's Web API names the other hosts in its answers, and a firewall may know of `slack.com` alone (facts). Where
SLACK_API_URL leads elsewhere, its answers lead there too.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.config import Settings
from bot.process.network import NoTunnel, Proxy
from bot.slack.api import SLACK_TIMEOUT_S

SLACK: Final = "slack.com"
_HTTPS: Final = 443


@dataclass(frozen=True)
class _Consequence:
    """The consequence of an unreachable host, and its level."""

    level: Callable[[str, str], Finding]
    says: str


_SOCKETS: Final = _Consequence(problem, "Slack sends commands over it or its twin, so they may stay away")
_HOSTS: Final[Mapping[str, _Consequence]] = {
    "hooks.slack.com": _Consequence(warning, "each answer to a command or click comes late, and another way"),
    "files.slack.com": _Consequence(warning, "no file can be posted: not a log, nor a long list"),
    "wss-primary.slack.com": _SOCKETS,
    "wss-backup.slack.com": _SOCKETS,
}
"""Slack's hosts beside `slack.com` itself, which has answered before these are looked at."""


async def examine_slack_hosts(settings: Settings) -> list[Finding]:
    """Check every host that Slack's answers would lead to."""
    hosts = named(settings.slack_api_url, is_socket_mode=settings.slack_app_token is not None)
    secure = ssl.create_default_context()
    problems = await asyncio.gather(*(unreached(settings.way_out, each, _HTTPS, secure) for each in hosts))
    findings = [
        _HOSTS[host].level("hosts", f"{host} {why}: {_HOSTS[host].says}. Let this machine connect to it.")
        for host, why in zip(hosts, problems, strict=True)
        if why is not None
    ]
    return findings or ([ok("hosts", f"Slack's can be reached: {', '.join(hosts)}.")] if hosts else [])


def named(api_url: str, *, is_socket_mode: bool) -> list[str]:
    """Return the hosts that an API at this address leads to; none, where it is not Slack's own."""
    if urlsplit(api_url).hostname != SLACK:
        return []
    return [host for host in _HOSTS if is_socket_mode or not host.startswith("wss-")]


async def unreached(proxy: Proxy | None, host: str, port: int, secure: ssl.SSLContext | None) -> str | None:
    """Connect as the bot would, through its proxy, and return the failure in words, or None."""
    try:
        async with asyncio.timeout(SLACK_TIMEOUT_S):
            writer = await _connected(proxy, host, port, secure)
    except NoTunnel as refused:
        return f"cannot be reached, for the proxy {refused}"
    except (OSError, TimeoutError) as lost:
        return f"cannot be reached ({type(lost).__name__})"
    writer.close()
    with contextlib.suppress(OSError):  # it is only to be closed
        await writer.wait_closed()
    return None


async def _connected(proxy: Proxy | None, host: str, port: int, secure: ssl.SSLContext | None) -> asyncio.StreamWriter:
    if proxy is None or not proxy.serves(host):
        _, writer = await asyncio.open_connection(host, port, ssl=secure)
        return writer
    tunnel = await proxy.tunnel(host, port)
    _, writer = await asyncio.open_connection(sock=tunnel, ssl=secure, server_hostname=host if secure else None)
    return writer
