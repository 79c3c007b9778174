"""Calls to Slack's Web API, and what their failures mean to us.

    SlackProblem
    ├─ Later        nothing wrong with what was asked: again after `seconds`
    ├─ Refused      Slack's final word on this message or channel, by its error word
    └─ Locked       the workspace does not take this bot any more: nothing will work until somebody acts

slack_sdk's own retries are off: a post whose answer was lost can be there already, and a 429 must hold back
only what it is about (facts §2).
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

_LOCKED: Final = frozenset(
    {"account_inactive", "token_revoked", "token_expired", "invalid_auth", "not_authed", "no_permission"},
)
_PASSING: Final = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "ratelimited",
        "rate_limited",
    },
)
_RATE_LIMITED: Final = 429
_SERVER_ERRORS: Final = 500
_PAUSE_S: Final = 1.0


class SlackProblem(Exception):  # noqa: N818 - what it is, not what it ends in
    """A call to Slack that did not do what was asked."""


class Later(SlackProblem):
    """Again after `seconds`, later each time, up to `longest`; `limited`: Slack itself asked for the pause."""

    def __init__(self, seconds: float, why: str, *, limited: bool = False, longest: float = 30.0) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.why = why
        self.limited = limited
        self.longest = longest


class Refused(SlackProblem):
    """Slack's final word, such as `channel_not_found`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Locked(Refused):
    """Slack does not accept this bot's token any more."""


async def call(client: AsyncWebClient, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Call a method that changes something, with JSON arguments; raises a SlackProblem."""
    return await _answer(client.api_call(method, json=dict(arguments)))


async def ask(client: AsyncWebClient, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
    """Call a method that only reads: Slack documents those for query arguments, not for JSON."""
    return await _answer(client.api_call(method, http_verb="GET", params=dict(arguments)))


async def _answer(asked: Awaitable[AsyncSlackResponse]) -> Mapping[str, Any]:
    try:
        answer = await asked
    except SlackApiError as problem:
        raise meaning(problem) from None
    except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError, ValueError) as problem:
        raise Later(_PAUSE_S, f"Slack could not be reached ({type(problem).__name__})") from None
    data = answer.data
    return data if isinstance(data, dict) else {}


def meaning(problem: SlackApiError) -> SlackProblem:
    """Say what Slack's answer means; a page that is no JSON comes with the bare HTTP response."""
    response = problem.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", _SERVER_ERRORS))
    word = str(response.get("error", "unknown_error")) if hasattr(response, "get") else "unknown_error"
    if status == _RATE_LIMITED or word in {"ratelimited", "rate_limited"}:
        return Later(retry_after(response.headers), "Slack asks to wait", limited=True)
    if status >= _SERVER_ERRORS or word in _PASSING:
        return Later(_PAUSE_S, f"Slack answered {word}")
    return Locked(word) if word in _LOCKED else Refused(word)


def retry_after(headers: Mapping[str, Any] | None) -> float:
    """Read Retry-After, in seconds; one second where Slack does not say."""
    values = {str(name).casefold(): value for name, value in dict(headers or {}).items()}
    value = values.get("retry-after", _PAUSE_S)
    try:
        return max(float(value[0] if isinstance(value, list) else value), 0.1)
    except (TypeError, ValueError, IndexError):
        return _PAUSE_S
