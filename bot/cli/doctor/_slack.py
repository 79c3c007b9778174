"""Doctor, at Slack: tokens, scopes, transport, the clock, and the channels.

Nothing is posted, and no connection is opened for Slack to send on: it would take commands away from the
running bot.
"""

import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.access import SlackDirectory, named_groups, unreadable_groups
from bot.cli._manifest import manifest
from bot.cli.doctor import _shapes as examine_shapes
from bot.cli.doctor._findings import Finding, ok, problem, warning
from bot.cli.doctor._slack_hosts import examine_slack_hosts, unreached
from bot.config import Settings
from bot.process import Clock, clock_ahead_of, clock_warning
from bot.slack.api import (
    ORG_WIDE,
    SLACK_TIMEOUT_S,
    Refused,
    SlackFacts,
    SlackProblem,
    http_session,
    is_shared,
    read_method,
    slack_answer,
    web_client,
)

_BAD_SKEW: Final = timedelta(seconds=240)
"""Slack's own requests carry a time, which counts for five minutes."""

_PAGE: Final = 200
_OPTIONAL: Final = {"files:write": "`log` cannot post files, and the list of a long bulk stop is cut to one reply"}
_FOR_GROUPS: Final = "usergroups:read"
"""Optional as well, and needed where the settings name groups."""


async def examine_slack(settings: Settings, clock: Clock) -> AsyncIterator[Finding]:
    """Yield the findings at Slack; without an accepted bot token there is only one."""
    if settings.slack_bot_token is None:
        raise AssertionError
    async with http_session(settings.way_out, aiohttp.ClientTimeout(total=SLACK_TIMEOUT_S)) as http:
        client = web_client(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, http)
        identity = await _asked(client.api_call("auth.test"), "SLACK_BOT_TOKEN")
        if isinstance(identity, Finding):
            yield identity
            return
        if identity.get("is_enterprise_install"):
            yield problem("bot token", ORG_WIDE)
            return
        yield ok("bot token", f"{identity.get('user')} in {identity.get('team')} ({identity.get('team_id')}).")
        scopes = {each.strip() for each in str(_header(identity, "x-oauth-scopes") or "").split(",")} - {""}
        for finding in _scopes(scopes, settings):
            yield finding
        yield _clock(_header(identity, "date"), clock.now())
        yield await _way_in(client, settings)
        for finding in await examine_slack_hosts(settings):
            yield finding
        for finding in await examine_shapes.examine_shapes(client, clock.now(), settings.command):
            yield finding
        async for finding in _channels(client, settings):
            yield finding
        for sentence in await unreadable_groups(settings, SlackDirectory(SlackFacts(client, clock), clock)):
            yield problem("groups", f"{sentence}.")


async def _asked(asked: Awaitable[AsyncSlackResponse], variable: str) -> AsyncSlackResponse | Finding:
    what = "app token" if variable == "SLACK_APP_TOKEN" else "bot token"
    try:
        return await slack_answer(asked)
    except Refused as refused:
        return problem(what, f"Slack does not accept {variable} ({refused.error}). Take it again from the app's pages.")
    except SlackProblem as later:
        return problem("slack", f"No answer now: {later}. Check the network and Slack's status, then try again.")


def _header(answer: AsyncSlackResponse, name: str) -> str | None:
    values = {str(key).casefold(): value for key, value in dict(answer.headers).items()}
    return values.get(name)


def _scopes(scopes: set[str], settings: Settings) -> list[Finding]:
    """Compare the scopes with the manifest's, and with those the settings need beyond it."""
    if not scopes:
        return [warning("scopes", "Slack did not say which scopes the token has.")]
    of_manifest = set(re.findall(r"^ +- ([a-z_]+(?::[a-z_]+)?)$", _scopes_of_manifest(), re.MULTILINE))
    again = "Add them to the app and install it again."
    findings = []
    if missing := of_manifest - scopes - _OPTIONAL.keys() - {_FOR_GROUPS}:
        findings.append(problem("scopes", f"The bot token lacks {', '.join(sorted(missing))}. {again}"))
    findings += [
        warning("scopes", f"Without {scope} {what}. {again}")
        for scope, what in _OPTIONAL.items()
        if scope not in scopes
    ]
    if named_groups(settings) and _FOR_GROUPS not in scopes:
        says = f"The settings name user groups, and without {_FOR_GROUPS} nobody is known to be in one."
        findings.append(problem("scopes", f"{says} {again}"))
    return findings or [ok("scopes", f"All {len(of_manifest & scopes)} that are needed are there.")]


def _scopes_of_manifest() -> str:
    return manifest("/session").partition("oauth_config:")[2].partition("\nsettings:")[0]


def _clock(date: str | None, now: datetime) -> Finding:
    ahead = clock_ahead_of(date, now)
    if ahead is None:
        return warning("clock", "Slack did not say what time it is.")
    if (says := clock_warning(ahead, "Slack's")) is None:
        return ok("clock", "It agrees with Slack's.")
    level = problem if abs(ahead) > _BAD_SKEW else warning
    return level("clock", f"{says[0].upper()}{says[1:]}.")


async def _way_in(client: AsyncWebClient, settings: Settings) -> Finding:
    if settings.slack_app_token is None:
        return ok("way in", f"HTTP mode on {settings.host}:{settings.port}; only Slack's own request can try it.")
    token = settings.slack_app_token.get_secret_value()
    opened = await _asked(client.apps_connections_open(app_token=token), "SLACK_APP_TOKEN")
    if isinstance(opened, Finding):
        return opened
    address = urlsplit(str(opened.get("url", "")))
    secure = ssl.create_default_context() if address.scheme == "wss" else None
    host, port = address.hostname or "", address.port or (443 if secure else 80)
    if (why := await unreached(settings.way_out, host, port, secure)) is not None:
        return problem("socket", f"The token is good, but {host} {why}. Let this machine connect to it.")
    return ok("socket", "The app token is good, and the socket's host can be reached.")


async def _channels(client: AsyncWebClient, settings: Settings) -> AsyncIterator[Finding]:
    """Check the channels that settings and grants name; where they name none, return where the bot is."""
    for channel, where in _named_channels(settings).items():
        try:
            answer = await read_method(client, "conversations.info", {"channel": channel})
        except SlackProblem as wrong:
            says = f"{channel} of {where} cannot be read ({wrong})."
            yield problem("channels", f"{says} Check the id; to a private channel invite the bot.")
            continue
        yield _channel(channel, where, answer.get("channel") or {})
    if settings.channels:
        return
    try:
        names = await _invited(client)
    except SlackProblem as wrong:
        yield warning("channels", f"Slack does not say to which the bot was invited ({wrong}).")
        return
    if names:
        more = "" if len(names) <= 5 else f" and {len(names) - 5} more"  # noqa: PLR2004 - enough for a line
        yield ok("channels", f"The bot was invited to {', '.join(f'#{name}' for name in names[:5])}{more}.")
    else:
        yield warning("channels", "The bot was invited to none: type /invite with its name where it is to work.")


def _named_channels(settings: Settings) -> dict[str, str]:
    """Return each channel that is named, once, with the setting that names it."""
    named = dict.fromkeys(sorted(settings.channels), "SESSION_BOT_CHANNELS")
    for number, grant in enumerate(settings.grants, start=1):
        for channel in grant.channels or ():
            named.setdefault(channel, f"[[policy.grant]] {number}")
    homes = {rule.home: f"home in [rules.{rule.alias}]" for rule in reversed(settings.rules) if rule.home}
    if settings.directory.channel:
        homes[settings.directory.channel] = "channel in [directory]"
    for channel, where in homes.items():
        named.setdefault(channel, where)
    return named


def _channel(channel: str, where: str, facts: Mapping[str, Any]) -> Finding:
    name = f"#{facts.get('name', channel)}"
    if facts.get("is_archived"):
        return problem("channels", f"{name} is archived; take {channel} out of {where}.")
    if not facts.get("is_member"):
        return problem("channels", f"The bot is not in {name}: type /invite with its name there.")
    if is_shared(facts):
        says = "nobody may start anything there, and it is no home of sessions"
        return warning("channels", f"{name} is shared with another workspace, so {says}.")
    return ok("channels", f"The bot is in {name}.")


async def _invited(client: AsyncWebClient) -> list[str]:
    names: list[str] = []
    cursor = ""
    while True:
        asked = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": str(_PAGE)}
        answer = await read_method(client, "users.conversations", asked | ({"cursor": cursor} if cursor else {}))
        names += [str(each.get("name")) for each in answer.get("channels", [])]
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return sorted(names)
