"""The health of the bot's tokens: read from every answer, and checked while there are none.

A token that is refused while the bot runs is one ERROR with Slack's error code, fails `/readyz`, and is a metric.
`invalid_auth` was seen to pass: once is a doubt, and only the second one in a row counts.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.process import Clock, wait_or_wake
from bot.process.metrics import Metrics
from bot.slack.api._error_codes import LOCKED
from bot.slack.api._web import SlackProblem, slack_answer

log = logging.getLogger(__name__)

CHECK_S: Final = 60.0
IN_DOUBT_S: Final = 15.0
SURE_AFTER_S: Final = 90.0
"""The age from which a method's refusal is outweighed by another method's answer."""

_BOT: Final = "SLACK_BOT_TOKEN"
_APP: Final = "SLACK_APP_TOKEN"
_OF_APP: Final = frozenset({"apps.connections.open"})
_PASSES: Final = frozenset({"invalid_auth"})
_SO: Final = {
    _BOT: "nothing more is said in Slack. Install the app again, set its new token and restart the bot; "
    "until then `session-bot stop` works at a terminal",
    _APP: "nothing more comes in from Slack. Generate a new app-level token, set it and restart the bot; "
    "until then `session-bot stop` works at a terminal",
}


@dataclass
class _Refused:
    error: str
    method: str
    at: float
    times: int = 0
    reported: bool = False

    @property
    def is_believed(self) -> bool:
        return self.error not in _PASSES or self.times > 1


class TokenHealth:
    """Slack's last answer about each token."""

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._refused: dict[str, _Refused] = {}
        self._doubt = asyncio.Event()
        for token in _SO:
            metrics.token_accepted.labels(token).set(1)

    @property
    def problem(self) -> str | None:
        """Return the tokens that Slack does not take, with its error codes, or None."""
        believed = [f"{token} ({each.error})" for token, each in self._refused.items() if each.is_believed]
        return f"Slack does not accept {' and '.join(believed)}" if believed else None

    def record(self, method: str, error: str | None) -> None:
        """Record the error code of an answer; None, and every code that is not about tokens, mean that it was taken."""
        token, now = _APP if method in _OF_APP else _BOT, self._clock.monotonic()
        refused = self._refused.get(token)
        if error in LOCKED:
            refused = self._refused.setdefault(token, _Refused(str(error), method, now))
            refused.error, refused.method, refused.at = str(error), method, now
            refused.times += 1
            self._doubt.set()
            self._report(token, refused)
        elif refused is not None and (method == refused.method or now - refused.at > SURE_AFTER_S):
            del self._refused[token]
            self._metrics.token_accepted.labels(token).set(1)
            if refused.reported:
                log.warning("Slack accepts %s again", token)

    async def check(self, client: AsyncWebClient) -> None:
        """Wait for a while, or for the first doubt, and ask Slack about the bot token."""
        await wait_or_wake(self._clock, CHECK_S, self._doubt)
        if self._doubt.is_set() and self.problem is not None:
            await self._clock.sleep(IN_DOUBT_S)
        self._doubt.clear()
        try:
            await slack_answer(client.auth_test())
        except SlackProblem as problem:
            log.debug("the bot token was asked about: %s", problem)

    def _report(self, token: str, refused: _Refused) -> None:
        if refused.reported or not refused.is_believed:
            return
        refused.reported = True
        self._metrics.token_accepted.labels(token).set(0)
        log.error("Slack does not accept %s any more (%s): %s", token, refused.error, _SO[token])
