"""Every end that speaks HTTP, of the bot and of the sandbox, open in one world."""

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import os
import re
import ssl
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from hypothesis import given, settings

from bot.config import load_settings
from bot.life.app import Bot
from bot.process._redaction import scrub
from bot.sandbox import Certificates
from bot.sandbox.page import Page, PageOptions
from bot.sandbox.slack import LocalSlack
from bot.sandbox.voximplant import Platform
from bot.slack.inbound._http import HttpMode
from tests.factories import free_ports
from tests.fuzz.http_requests import End, Sent, sent

SECRET: Final = "agreed"
STATUS: Final = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
ANSWERED_S: Final = 30.0
UNANSWERED_S: Final = 0.03
"""The time for which an answer to half a request is waited for; what breaks later is in the log all the same."""

_SLACK_WORDS: Final = (
    "type", "command", "ssl_check", "challenge", "team_id", "user_id", "channel_id", "trigger_id", "text", "user",
    "response_url", "team", "channel", "container", "actions", "view", "event", "authorizations", "payload", "id",
    "action_id", "value", "callback_id", "private_metadata", "state", "values", "url_verification", "event_callback",
)  # fmt: skip
_CLAIM_WORDS: Final = ("v", "session", "url", "started", "beat", "calls", "data", "taken", "ending", "hmac", "rule")
_METHODS_OF_SLACK: Final = (
    "chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish", "views.update",
    "users.info", "conversations.info", "usergroups.users.list", "files.getUploadURLExternal",
    "files.completeUploadExternal", "apps.connections.open", "auth.test", "chat.getPermalink", "nothing",
)  # fmt: skip
_SLACK_ARGUMENTS: Final = (
    "channel", "text", "blocks", "ts", "thread_ts", "user", "view", "view_id", "trigger_id", "users", "usergroup",
    "filename", "length", "files", "channel_id", "initial_comment", "token", "unfurl_links", "metadata", "hash",
    "type", "title", "elements", "element", "block_id", "action_id", "options", "modal", "section", "mrkdwn",
)  # fmt: skip
_METHODS_OF_PLATFORM: Final = (
    "StartScenarios", "GetCallHistory", "GetApplications", "GetRules", "GetScenarios", "AddScenario", "AddRule",
    "SetScenarioInfo", "GetKeyValueItems", "SetKeyValueItem", "GetKeyValueItem", "DelKeyValueItem", "GetAccountInfo",
    "GetKeyValueKeys", "AddSecret", "GetSecrets", "BindScenario", "ReorderRules", "", "nothing",
)  # fmt: skip
_PLATFORM_ARGUMENTS: Final = (
    "cmd", "account_id", "api_key", "rule_id", "rule_name", "application_id", "script_custom_data", "from_date",
    "to_date", "call_session_history_id", "count", "offset", "with_calls", "with_records", "key", "value", "ttl",
    "from", "to", "scenario_name", "scenario_script", "scenario_id", "application_name", "rule_pattern", "timezone",
    "desc_order",
)  # fmt: skip
_CAPABILITIES: Final = ("/upload/v1/x", "/commands/T1/x", "/actions/T1/x")
_ACTS: Final = ("say", "slash", "edit", "delete", "dismiss", "join", "press", "search", "submit", "close", "home", "x")
_WORLD_ACTS: Final = ("scenarios", "check", "session", "ring", "start", "end", "hang", "archive", "x")
_PAGE_WORDS: Final = (
    "as", "channel", "text", "thread_ts", "ts", "block_id", "action_id", "view", "value", "values", "query", "rule",
    "id", "files", "name", "source", "number", "data", "archived", "what", "kind", "seconds",
)  # fmt: skip
_CLIENTS: Final = (HttpProcessingError, web.RequestPayloadError)
"""What aiohttp logs of its clients by itself; the ports of the bot log a line of each, see `Listener`."""


class _Heard(logging.Handler):
    """Keeps what is logged as an error, or with a traceback; of a client's own errors in the sandbox nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.loud: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.exc_info[1] if record.exc_info else None
        is_of_sandbox = record.name == "aiohttp.server" and isinstance(problem, _CLIENTS)
        if (record.levelno >= logging.ERROR or problem) and not is_of_sandbox:
            self.loud.append(logging.Formatter().format(record))


@dataclass
class Ends:
    """The open ends, and what was logged since they were asked last."""

    all: Sequence[End]
    tls: ssl.SSLContext
    heard: _Heard = field(default_factory=_Heard)

    async def problem_with(self, request: Sent) -> str | None:
        """Send the bytes; return what is wrong with what comes of it."""
        self.heard.loud.clear()
        answer = await self._answer(request)
        statuses = [int(each) for each in STATUS.findall(answer)]
        if request.is_whole and not statuses:
            return "no answer"
        away = any(each in request.raw.partition(b"\r\n")[0].decode("latin-1") for each in request.end.may_be_away)
        if any(each >= 500 and not (away and each == 503) for each in statuses):
            return f"{statuses}"
        return self.heard.loud[0] if self.heard.loud else None

    async def _answer(self, request: Sent) -> bytes:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", request.end.port, ssl=self.tls if request.end.tls else None
        )
        answer = b""
        with contextlib.suppress(ConnectionError, TimeoutError, ssl.SSLError):
            writer.write(request.raw)
            async with asyncio.timeout(ANSWERED_S if request.is_whole else UNANSWERED_S):
                while more := await reader.read(65_536):
                    answer += more
        writer.transport.abort()
        return answer


@contextlib.asynccontextmanager
async def open_ends(folder: Path) -> AsyncIterator[Ends]:
    """Open the world: the bot over HTTP with its inbox, Slack, the platform with a session, and the page."""
    certificates = Certificates()
    certificates.write_ca(folder / "ca.pem")
    heard = _Heard()
    with _trusting(folder / "ca.pem"):
        async with Platform(certificates) as platform, LocalSlack() as slack:
            account = platform.account
            (folder / "service-account.json").write_text(json.dumps(account.service_account()))
            (folder / "session-bot.toml").write_text("")
            inbox = free_ports(1)
            environ = {
                "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_SIGNING_SECRET": slack.signing_secret,
                "SLACK_API_URL": slack.api_url, "VOXIMPLANT_API_URL": platform.api_url,
                "VOXIMPLANT_CREDENTIALS": str(folder / "service-account.json"), "VOXIMPLANT_SESSION_HOSTS": "127.0.0.1",
                "SESSION_BOT_OPS_PORT": "0", "SESSION_BOT_PORT": "0", "SESSION_BOT_INBOX_PORT": str(inbox),
                "SESSION_BOT_ANNOUNCE_SECRET": SECRET,
            }  # fmt: skip
            ann = slack.person("ann")
            channel = slack.channel("ops", members=[ann])
            platform.start(account.rules[0])
            bot = Bot(load_settings(environ, folder))
            await bot.start()
            logging.getLogger().addHandler(heard)
            try:
                async with Page(slack, platform, PageOptions()) as page:
                    tls = ssl.create_default_context(cafile=folder / "ca.pem")
                    yield Ends(_ends(bot, inbox, slack, platform, page, (ann.id, channel.id)), tls, heard)
            finally:
                logging.getLogger().removeHandler(heard)
                await bot.stop()


def _ends(  # noqa: PLR0917 - the parts of one world
    bot: Bot, inbox: int, slack: LocalSlack, platform: Platform, page: Page, known: Sequence[str]
) -> Sequence[End]:
    assert isinstance(bot.receiver, HttpMode)
    started = next(iter(platform.started.values()))
    media, media_tls = started.access_url, started.access_secure_url
    key = f"account_id={platform.account.account_id}&api_key={platform.account.api_key}"
    log = started.log_url.rpartition("/")[2]

    def slack_signs(body: bytes) -> Mapping[str, str]:
        stamp = str(int(time.time()))
        digest = hmac.new(slack.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    def kit_signs(body: bytes) -> Mapping[str, str]:
        stamp = str(int(time.time()))
        digest = hmac.digest(SECRET.encode(), f"{stamp}.".encode() + body, "sha256").hex()
        return {"X-Session-Bot-Time": stamp, "X-Session-Bot-Signature": digest}

    def bearer(token: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {token}"}

    origin = page.url.rstrip("/")
    return (
        End("ops", bot.ops_port, ("/healthz", "/readyz", "/metrics", "/"), may_be_away=("/readyz",)),
        End("Slack's requests", bot.receiver.port, ("/slack/events",), slack_signs, _SLACK_WORDS),
        End("inbox", inbox, ("/announcements",), kit_signs, _CLAIM_WORDS),
        End(
            "Slack",
            _port(slack.api_url),
            [*(f"/api/{each}" for each in _METHODS_OF_SLACK), "/link/", *_CAPABILITIES],
            lambda body: bearer(slack.app_token if body[:1] == b"n" else slack.bot_token),
            [*_SLACK_ARGUMENTS, *known],
        ),
        End(
            "platform",
            _port(platform.api_url),
            [*(f"/platform_api/{each}?{key}" for each in _METHODS_OF_PLATFORM), f"/logs/{log}", "/inbound/obedient"],
            words=_PLATFORM_ARGUMENTS,
            tls=True,
        ),
        End("session", _port(media), [f"/{media.split('/', 3)[3]}", "/request/a/b"], words=("command", "stop")),
        End("session, over TLS", _port(media_tls), [f"/{media_tls.split('/', 3)[3]}"], words=("command",), tls=True),
        End(
            "page",
            _port(page.url),
            [
                *(f"/acts/{each}" for each in _ACTS), *(f"/world/{each}" for each in _WORLD_ACTS), "/", "/live",
                "/static/index.html", "/static/js", "/static/../x", f"/files/F1?as={known[0]}",
            ],
            lambda _: {"Origin": origin},
            [*_PAGE_WORDS, *known],
        ),
    )  # fmt: skip


def _port(url: str) -> int:
    return int(url.split("/")[2].rpartition(":")[2])


@contextlib.contextmanager
def _trusting(authority: Path) -> Iterator[None]:
    """Trust this world's certificates for a while."""
    before = os.environ.get("SSL_CERT_FILE")
    os.environ["SSL_CERT_FILE"] = str(authority)
    try:
        yield
    finally:
        del os.environ["SSL_CERT_FILE"]
        if before is not None:
            os.environ["SSL_CERT_FILE"] = before


def search(ends: Ends, loop: asyncio.AbstractEventLoop, how: settings) -> None:
    """Search for bytes that break an end; in another thread than the `loop` of the world."""

    @how
    @given(sent(ends.all))
    def look(each: Sent) -> None:
        problem = asyncio.run_coroutine_threadsafe(ends.problem_with(each), loop).result()
        assert problem is None, f"{problem}\n{each.end.name}: {scrub(each.raw.decode('latin-1'))}"

    look()
