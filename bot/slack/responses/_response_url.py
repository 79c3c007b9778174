"""Telling the one person who typed, through the response_url of their command or click.

A response_url is a secret, good for five uses in thirty minutes (facts §1): it lives in memory only and is
never logged. What is told goes out in the order in which it was said, and nothing waits for it: a stop, least
of all, is not held up by a Slack that hangs.

It leads to a host of its own, which a firewall may not know of (facts §4). Where it is used up, gone or out of reach,
and where a payload brings none, what is said goes another way at once: a whisper in the channel, or a direct message.
"""

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from bot.dispatch import Drafts
from bot.ports import Respond, Response
from bot.process import Clock, Tasks
from bot.slack.api import NoWayThrough, connection_problem, retry_after
from bot.slack.render import BlockKit, render_response

log = logging.getLogger(__name__)

USES: Final = 5
RESPONSE_URL_ATTEMPTS: Final = 3
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10, sock_connect=3)
_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 5.0
"""How long a pause of Slack's is waited for; after a longer one the other way is the quicker one."""

_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_ERRORS: Final = 500
_NO_CONNECTION: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    NoWayThrough,
)


class ResponseUrls:
    """Makes the `Respond` of a request."""

    def __init__(self, session: aiohttp.ClientSession, drafts: Drafts, tasks: Tasks, clock: Clock) -> None:
        self.session = session
        self.drafts = drafts
        self.tasks = tasks
        self.clock = clock

    def of(self, response_url: str, actor: str, otherwise: Respond, *, replace: bool = False) -> Respond:
        """Return the way to one person; `replace` puts what is told in the place of the line with the button."""
        return ResponseUrl(self, response_url, actor, otherwise, replace=replace) if response_url else otherwise

    def painted(self, response: Response, actor: str) -> BlockKit:
        """Paint what is told, keeping its offers for this person."""
        return render_response(response, lambda offer: self.drafts.keep(offer, actor))


class ResponseUrl:
    """One person, one response_url, and another way for what it does not take. Calling it never raises."""

    def __init__(
        self, house: ResponseUrls, response_url: str, actor: str, otherwise: Respond, *, replace: bool
    ) -> None:
        self._house = house
        self._response_url = response_url
        self._actor = actor
        self._otherwise = otherwise
        self._replace = replace
        self._left = USES
        self._in_order = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Answer to {self._actor}>"

    async def __call__(self, response: Response) -> None:
        """Tell the person, after what they were told before; does not wait for Slack."""
        self._house.tasks.work(self._deliver(response))

    async def _deliver(self, response: Response) -> None:
        async with self._in_order:
            if self._left == 0 or not await self._is_taken(response):
                await self._otherwise(response)

    async def _is_taken(self, response: Response) -> bool:
        """Post it, again where that may help; False when it has to go another way."""
        painted = self._house.painted(response, self._actor)
        body = {"response_type": "ephemeral", "replace_original": self._replace, **painted}
        for _ in range(RESPONSE_URL_ATTEMPTS):
            pause = await self._post(body)
            if pause is None or pause > _LONGEST_PAUSE_S:
                return pause is None
            await self._house.clock.sleep(pause)
        return False

    async def _post(self, body: Mapping[str, Any]) -> float | None:
        """Post once; return the seconds after which it is worth another attempt, or None when it is taken."""
        post = self._house.session.post
        try:
            async with post(self._response_url, json=body, timeout=_TIMEOUT, allow_redirects=False) as answer:
                return self._read(answer)
        except _NO_CONNECTION as problem:
            return self._gone(connection_problem(problem))
        except TimeoutError:  # it may have arrived; to be told twice is better than late
            return self._gone("no answer in time")
        except (aiohttp.ClientError, OSError) as problem:
            log.info("a line for %s did not get through: %s", self._actor, connection_problem(problem))
            return _PAUSE_S

    def _read(self, answer: aiohttp.ClientResponse) -> float | None:
        if answer.status == _OK:
            self._left -= 1
            return None
        if answer.status == _TOO_MANY:
            return retry_after(answer.headers)
        if answer.status >= _SERVER_ERRORS:
            return _PAUSE_S
        return self._gone(f"HTTP {answer.status}")  # expired, used up, or somebody between says no

    def _gone(self, why: str) -> float:
        """Use it no more."""
        log.warning("a line for %s goes another way: its response_url gave %s", self._actor, why)
        self._left = 0
        return math.inf
