"""The connection to Slack: tokens are checked first, then a transport is opened (`bot.slack.inbound`).

A wrong app token would make Bolt's `connect_async` loop for ever (facts), so both tokens are checked
before anything else. OAuth settings in the environment are ignored: Bolt would switch to
OAuth silently (facts). Proxy variables are ignored, too: slack_sdk would use them without their
NO_PROXY, while everything else goes through SESSION_BOT_PROXY (`_http_session`).
"""

import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import aiohttp
from pydantic import SecretStr
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.process import RemoteClock
from bot.slack.api._web import Refused, slack_answer

log = logging.getLogger(__name__)

SLACK_TIMEOUT_S: Final = 10
NEEDED_SCOPES: Final = frozenset(
    {"commands", "chat:write", "app_mentions:read", "users:read", "channels:read", "groups:read"},
)
ORG_WIDE: Final = (
    "SLACK_BOT_TOKEN is of an installation for a whole organisation, and this bot serves one workspace: "
    "install the app to that workspace and take its own token."
)
_OAUTH: Final = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")
_QUIET: Final = logging.getLogger("slack_bolt")


class WrongToken(Exception):  # noqa: N818 - it is the token that is wrong
    """Slack does not accept a token; the text is a sentence that names the variable and never the token."""


@dataclass(frozen=True)
class Workspace:
    """The workspace of the bot token. `url` ends with a slash; `enterprise` is its organisation's id, or empty."""

    team: str
    url: str
    bot_user: str
    bot_id: str
    bot_name: str
    bot_token: str = field(repr=False)
    enterprise: str = ""


class WebClient(AsyncWebClient):
    """slack_sdk's client, observed. `clock` learns from every answer what time it is at Slack.

    `on_answer` gets the method of each call that Slack answered, and its error code, or None where it was done.
    `count` gets the method of each call, and its outcome: `ok`, the error code, or `no answer`.
    """

    on_answer: Callable[[str, str | None], None] = staticmethod(lambda _method, _word: None)
    count: Callable[[str, str], None] = staticmethod(lambda _method, _outcome: None)
    clock: RemoteClock | None = None

    async def api_call(self, api_method: str, **how: Any) -> AsyncSlackResponse:
        """Call a method, as slack_sdk does."""
        try:
            answer = await super().api_call(api_method, **how)
        except SlackApiError as problem:
            self._learn(getattr(problem.response, "headers", None))
            data = getattr(problem.response, "data", None)
            error = data.get("error") if isinstance(data, dict) else None
            self.count(api_method, error if isinstance(error, str) else "no answer")
            if isinstance(error, str):
                self.on_answer(api_method, error)
            raise
        except Exception:  # only counted: who called gets it
            self.count(api_method, "no answer")
            raise
        self._learn(answer.headers)
        self.count(api_method, "ok")
        self.on_answer(api_method, None)
        return answer

    def _learn(self, headers: Mapping[str, Any] | None) -> None:
        date = next((value for name, value in dict(headers or {}).items() if name.casefold() == "date"), None)
        if self.clock is not None and isinstance(date, str):
            self.clock.learn(date)


def web_client(token: str, api_url: str, session: aiohttp.ClientSession, clock: RemoteClock | None = None) -> WebClient:
    """Return a client without retries of its own; `_web` says what a failure means."""
    client = WebClient(
        token=token, base_url=api_url, session=session, timeout=SLACK_TIMEOUT_S, retry_handlers=[], logger=_QUIET,
    )  # fmt: skip
    client.clock = clock
    if client.proxy is not None:
        log.warning("a proxy is named in the environment and is not used: SESSION_BOT_PROXY is the setting for one")
        client.proxy = None
    return client


async def check_tokens(client: AsyncWebClient, app_token: SecretStr | None) -> Workspace:
    """Check the bot token and, for Socket Mode, the app token with Slack; log every other problem.

    Raise WrongToken, or TryLater when Slack cannot be asked now.
    """
    identity = await _accepted(client.auth_test(), "SLACK_BOT_TOKEN")
    if identity.get("is_enterprise_install"):
        raise WrongToken(f"{ORG_WIDE} Start again with that one.")
    scopes = {each.strip() for each in identity.headers.get("x-oauth-scopes", "").split(",")} - {""}
    if scopes and (missing := NEEDED_SCOPES - scopes):
        log.warning("the bot token lacks the scopes %s; add them and install again", ", ".join(sorted(missing)))
    if app_token is not None:
        opened = client.apps_connections_open(app_token=app_token.get_secret_value())
        await _accepted(opened, "SLACK_APP_TOKEN")
    return Workspace(
        team=str(identity["team_id"]),
        url=str(identity["url"]),
        bot_user=str(identity["user_id"]),
        bot_id=str(identity.get("bot_id", "")),
        bot_name=str(identity.get("user", "session-bot")),
        bot_token=str(client.token),
        enterprise=str(identity.get("enterprise_id") or ""),
    )


async def _accepted(asked: Awaitable[AsyncSlackResponse], variable: str) -> AsyncSlackResponse:
    try:
        return await slack_answer(asked)
    except Refused as refused:
        msg = f"Slack does not accept {variable} ({refused.error}). Put the right token there and start again."
        raise WrongToken(msg) from None


def bolt_app(client: AsyncWebClient, workspace: Workspace) -> AsyncApp:
    """Return the app. Authorisation is answered from the check at start: Bolt need not ask Slack again."""
    for name in _OAUTH:
        if os.environ.pop(name, None) is not None:
            log.warning("%s is in the environment and is ignored: this bot serves one workspace", name)

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.team,
            bot_user_id=workspace.bot_user,
            bot_id=workspace.bot_id,
            bot_token=workspace.bot_token,
        )

    level = _QUIET.level
    _QUIET.setLevel(logging.ERROR)  # it would warn that the token is ignored, which is what we want
    app = AsyncApp(
        name="session-bot",
        client=client,
        authorize=authorize,
        process_before_response=True,  # a listener of ours is over with its ack
        raise_error_for_unhandled_request=True,  # `bot.slack.inbound` acks it
        request_verification_enabled=False,  # `bot.slack.inbound` checks before Bolt; Socket Mode has no signatures
        logger=_QUIET,
    )
    _QUIET.setLevel(level)
    return app


class Receiver(Protocol):
    """Receives Slack's payloads, by Socket Mode or HTTP."""

    async def open(self) -> None:
        """Receive from now on."""

    async def close(self) -> None:
        """Receive nothing more."""

    async def problem(self) -> str | None:
        """Return why nothing can be received, or None."""
