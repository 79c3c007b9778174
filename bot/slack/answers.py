"""Telling the one person who typed, through the response_url of their command or click.

A response_url is a secret, good for five uses in thirty minutes (facts §1): it lives in memory only and is
never logged. What is told goes out in the order in which it was said, and nothing waits for it: a stop, least
of all, is not held up by a Slack that hangs.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from bot.clock import Clock
from bot.drafts import Drafts
from bot.slack import cards, way_out, web
from bot.tasks import Tasks
from bot.verbs.board import Telling

log = logging.getLogger(__name__)

USES: Final = 5
ATTEMPTS: Final = 3
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_PAUSE_S: Final = 1.0
_OK: Final = 200
_TOO_MANY: Final = 429
_SERVER_ERRORS: Final = 500


class Answers:
    """Makes the `Tell` of a request."""

    def __init__(self, session: aiohttp.ClientSession, drafts: Drafts, tasks: Tasks, clock: Clock) -> None:
        self.session = session
        self.drafts = drafts
        self.tasks = tasks
        self.clock = clock

    def of(self, response_url: str, actor: str, *, replace: bool = False) -> "Answer":
        """Give the way to one person; `replace` puts what is told in the place of the line with the button."""
        return Answer(self, response_url, actor, replace=replace)

    def painted(self, said: Telling, actor: str) -> cards.Payload:
        """Paint what is told, keeping its offers for this person."""
        return cards.telling(said, lambda offer: self.drafts.keep(offer, actor))


class Answer:
    """One person, one response_url. Calling it never raises; a line that cannot be delivered is logged."""

    def __init__(self, house: Answers, response_url: str, actor: str, *, replace: bool) -> None:
        self._house = house
        self._response_url = response_url
        self._actor = actor
        self._replace = replace
        self._left = USES
        self._in_order = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<Answer to {self._actor}>"

    async def __call__(self, said: Telling) -> None:
        """Tell the person, after what they were told before; does not wait for Slack."""
        if self._left == 0:
            log.warning("%s has been told five things already; one more is not told", self._actor)
            return
        self._left -= 1
        painted = self._house.painted(said, self._actor)
        body = {"response_type": "ephemeral", "replace_original": self._replace, **painted}
        self._house.tasks.work(self._deliver(body))

    async def _deliver(self, body: Mapping[str, Any]) -> None:
        async with self._in_order:
            for _ in range(ATTEMPTS):
                pause = await self._post(body)
                if pause is None:
                    return
                await self._house.clock.sleep(pause)
            log.warning("a line for %s could not be delivered in %d attempts", self._actor, ATTEMPTS)

    async def _post(self, body: Mapping[str, Any]) -> float | None:
        """Post once; give the seconds after which it is worth another attempt, or None when it is settled."""
        try:
            async with self._house.session.post(self._response_url, json=body, timeout=_TIMEOUT) as answer:
                if answer.status == _TOO_MANY:
                    return web.retry_after(answer.headers)
                if answer.status >= _SERVER_ERRORS:
                    return _PAUSE_S
                if answer.status != _OK:  # expired or used up
                    log.warning("Slack did not take a line for %s: HTTP %d", self._actor, answer.status)
                return None
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            log.info("a line for %s did not get through: %s", self._actor, way_out.why(problem))
            return _PAUSE_S
