"""Calls to Slack's Web API, and what their failures mean to us.

    SlackProblem
    ├─ TryLater           nothing wrong with what was asked: again after `seconds`
    │  └─ RateLimited     Slack itself asks for the pause, and did nothing
    └─ Refused            Slack's error code for this message or channel; `_error_codes` says what follows from it
       └─ TokenRefused    nothing will work until somebody acts

slack_sdk's own retries are off: a post whose answer was lost can be there already, and a 429 must hold back
only what it is about (facts). `_retry` makes calls again.
"""

import logging
import math
from collections.abc import Awaitable, Mapping
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.api._error_codes import CodeMeaning, code_meaning
from bot.slack.api._http_session import connection_problem
from bot.text import cut, foreign_json

log = logging.getLogger(__name__)

_RATE_LIMITED: Final = 429
_SERVER_ERRORS: Final = 500
_PAUSE_S: Final = 1.0
_CROWDED_S: Final = 5.0
_CROWDED_AT_MOST_S: Final = 300.0
_LONGEST_PAUSE_S: Final = 300.0
"""The longest pause that is made: Slack asks for a minute, and whoever asks for a year is not Slack."""
_BARE: Final = 3_000
_NOT_SLACKS: Final = "an answer that is not Slack's"


class SlackProblem(Exception):  # noqa: N818 - what it is, not what it ends in
    """A call to Slack that was not done."""


class TryLater(SlackProblem):
    """The call may be retried after `seconds`, later each time, up to `longest`."""

    def __init__(self, seconds: float, why: str, *, longest: float = 30.0) -> None:
        super().__init__(why)
        self.seconds = seconds
        self.why = why
        self.longest = longest


class RateLimited(TryLater):
    """Slack asks for a pause, and did nothing."""


class Refused(SlackProblem):
    """The error code of a call, such as `channel_not_found`, and its consequence."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error
        self.meaning = code_meaning(error)


class TokenRefused(Refused):
    """Slack does not accept this bot's token any more."""


async def call_method(client: AsyncWebClient, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Call a method that changes something, with JSON arguments; raise a SlackProblem."""
    return await _answer(client.api_call(method, json=dict(arguments)))


async def post_message(client: AsyncWebClient, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Post a message, in a channel or to a person: everything that the bot posts goes out here.

    Slack fetches the links of what is posted unless it is told not to, and a session URL acts when it is fetched.
    """
    return await _readable(client, "chat.postMessage", {**message, "unfurl_links": False, "unfurl_media": False})


async def update_message(client: AsyncWebClient, channel: str, ts: str, message: Mapping[str, Any]) -> None:
    """Change a message that was posted; Slack unfurls nothing anew in it, and takes no argument on that."""
    await _readable(client, "chat.update", {"channel": channel, "ts": ts, **message})


async def delete_message(client: AsyncWebClient, channel: str, ts: str) -> None:
    """Delete a message of the bot's own."""
    await call_method(client, "chat.delete", {"channel": channel, "ts": ts})


async def read_method(client: AsyncWebClient, method: str, arguments: Mapping[str, str]) -> Mapping[str, Any]:
    """Call a method that only reads: Slack documents those for query arguments, not for JSON."""
    return await _answer(client.api_call(method, http_verb="GET", params=dict(arguments)))


async def slack_answer(asked: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Wait for a call to Slack; raise every failure as a SlackProblem."""
    try:
        answer = await asked
        answer.data = foreign_json(answer.data)
    except SlackApiError as problem:
        meant = _meaning(problem)
    except (aiohttp.ClientError, TimeoutError, SlackClientError, OSError, ValueError) as problem:
        meant = TryLater(_PAUSE_S, f"Slack could not be reached ({connection_problem(problem)})")
    except AttributeError:  # slack_sdk looks for keys in whatever came, a plain text too
        meant = TryLater(_PAUSE_S, _NOT_SLACKS)
    else:
        return answer
    raise meant


async def _readable(client: AsyncWebClient, method: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Call a method with a message; where Slack cannot read its blocks, send its text alone, cut to what fits."""
    try:
        return await call_method(client, method, message)
    except Refused as refused:
        if refused.meaning is not CodeMeaning.unreadable:
            raise
        log.error("Slack cannot read a message as it is painted (%s): it goes as bare text", refused.error)  # noqa: TRY400 - told whole
    bare = {name: value for name, value in message.items() if name != "metadata"}
    return await call_method(client, method, {**bare, "text": cut(str(message.get("text", "")), _BARE), "blocks": []})


async def _answer(asked: Awaitable[AsyncSlackResponse]) -> Mapping[str, Any]:
    data = (await slack_answer(asked)).data
    return data if isinstance(data, dict) else {}


def _meaning(problem: SlackApiError) -> SlackProblem:
    """Return the SlackProblem of an answer. Only an error code of Slack's is final: a gateway's page is none."""
    response = problem.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", _SERVER_ERRORS))
    data = getattr(response, "data", None)  # a page that is no JSON comes with the bare HTTP response
    error = foreign_json(data.get("error")) if isinstance(data, dict) else None
    means = code_meaning(error) if isinstance(error, str) else CodeMeaning.final
    if status == _RATE_LIMITED or means is CodeMeaning.limited:
        return RateLimited(retry_after(response.headers), "Slack asks to wait")
    if not isinstance(error, str):
        return TryLater(_PAUSE_S, f"{_NOT_SLACKS} (HTTP {status})")
    if means is CodeMeaning.crowded:
        return TryLater(_CROWDED_S, f"Slack answered {error}", longest=_CROWDED_AT_MOST_S)
    if status >= _SERVER_ERRORS or means is CodeMeaning.passing:
        return TryLater(_PAUSE_S, f"Slack answered {error}")
    return TokenRefused(error) if means is CodeMeaning.locked else Refused(error)


def retry_after(headers: Mapping[str, Any] | None) -> float:
    """Return the seconds of Retry-After, up to five minutes; one where it does not say, or says no number."""
    values = {str(name).casefold(): value for name, value in dict(headers or {}).items()}
    value = values.get("retry-after", _PAUSE_S)
    try:
        seconds = float(value[0] if isinstance(value, list) else value)
    except (TypeError, ValueError, IndexError):
        return _PAUSE_S
    return _PAUSE_S if math.isnan(seconds) else min(max(seconds, 0.1), _LONGEST_PAUSE_S)
