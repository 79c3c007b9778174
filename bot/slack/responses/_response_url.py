"""A response_url: Slack's way to respond to the person of a command or a click.

It is a secret, good for five uses in thirty minutes (facts): it lives in memory only and is never logged. It leads
to a host of its own, which a firewall may not know of (facts).
"""

import logging
from typing import Final

import aiohttp

from bot.slack.api import NoWayThrough, RateLimited, Retry, SlackProblem, TryLater, connection_problem, retry_after
from bot.slack.render import BlockKit

log = logging.getLogger(__name__)

USES: Final = 5
RETRY: Final = Retry(patience_s=6.0)
"""After a longer pause another way is the quicker one."""

_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, sock_connect=3)
_PAUSE_S: Final = 1.0
_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_ERRORS: Final = 500
_NO_CONNECTION: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    NoWayThrough,
)


class Spent(SlackProblem):
    """The response_url is used up, expired or out of reach."""


class ResponseUrl:
    """One response_url. With `replace` a response replaces the message with the button."""

    def __init__(self, url: str, http: aiohttp.ClientSession, *, replace: bool) -> None:
        self._url = url
        self._http = http
        self._replace = replace
        self._uses_left = USES

    def __repr__(self) -> str:
        return f"<ResponseUrl with {self._uses_left} uses left>"

    async def post(self, message: BlockKit) -> None:
        """Post a message once; raise a SlackProblem."""
        if self._uses_left == 0:
            msg = "it is used up, or gone"
            raise Spent(msg)
        body = {"response_type": "ephemeral", "replace_original": self._replace, **message}
        try:
            async with self._http.post(self._url, json=body, timeout=_TIMEOUT, allow_redirects=False) as answer:
                problem = self._problem(answer)
        except _NO_CONNECTION as error:
            problem = self._spent(connection_problem(error))
        except TimeoutError:  # it may have arrived; to be told twice is better than late
            problem = self._spent("no answer in time")
        except (aiohttp.ClientError, OSError) as error:
            problem = TryLater(_PAUSE_S, f"it did not get through ({connection_problem(error)})")
        if problem is not None:
            raise problem  # out here, so that it carries no context: aiohttp's own may hold the address
        self._uses_left -= 1

    def _problem(self, answer: aiohttp.ClientResponse) -> SlackProblem | None:
        if answer.status == _OK:
            return None
        if answer.status == _TOO_MANY:
            return RateLimited(retry_after(answer.headers), "Slack asks to wait")
        if answer.status >= _SERVER_ERRORS:
            return TryLater(_PAUSE_S, f"HTTP {answer.status}")
        return self._spent(f"HTTP {answer.status}")  # expired, used up, or somebody between says no

    def _spent(self, why: str) -> Spent:
        self._uses_left = 0
        log.warning("a response_url is used no more: %s", why)
        return Spent(why)
