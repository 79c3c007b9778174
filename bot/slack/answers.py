"""Telling the one person who typed, through the response_url of their command or click.

A response_url is a secret, good for five uses in thirty minutes (facts §1): it lives in memory only, is never
logged, and the last use is kept for the outcome.
"""

import logging
from typing import Final

import aiohttp

from bot.drafts import Drafts
from bot.slack import cards
from bot.verbs.board import Telling

log = logging.getLogger(__name__)

USES: Final = 5
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_OK: Final = 200


class Answers:
    """Makes the `Tell` of a request."""

    def __init__(self, session: aiohttp.ClientSession, drafts: Drafts) -> None:
        self._session = session
        self._drafts = drafts

    def of(self, response_url: str, actor: str, *, replace: bool = False) -> "Answer":
        """Give the way to one person; `replace` puts what is told in the place of the line with the button."""
        return Answer(response_url, actor, self._session, self._drafts, replace=replace)

    def painted(self, said: Telling, actor: str) -> cards.Payload:
        """Paint what is told, keeping its offers for this person."""
        return cards.telling(said, lambda offer: self._drafts.keep(offer, actor))


class Answer:
    """One person, one response_url. Calling it never raises; a line that cannot be delivered is logged."""

    def __init__(
        self, response_url: str, actor: str, session: aiohttp.ClientSession, drafts: Drafts, *, replace: bool
    ) -> None:
        self._response_url = response_url
        self._actor = actor
        self._session = session
        self._drafts = drafts
        self._replace = replace
        self._left = USES

    def __repr__(self) -> str:
        return f"<Answer to {self._actor}>"

    async def __call__(self, said: Telling) -> None:
        """Tell the person."""
        if self._left == 0:
            log.warning("%s has been told five things already; one more is not told", self._actor)
            return
        self._left -= 1
        painted = cards.telling(said, lambda offer: self._drafts.keep(offer, self._actor))
        body = {"response_type": "ephemeral", "replace_original": self._replace, **painted}
        try:
            async with self._session.post(self._response_url, json=body, timeout=_TIMEOUT) as answer:
                if answer.status != _OK:
                    log.warning("Slack did not take a line for %s: HTTP %d", self._actor, answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            log.warning("a line for %s could not be delivered: %s", self._actor, type(problem).__name__)
