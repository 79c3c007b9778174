"""Telling one person in a channel or thread, where no response_url came along, or where it does not take it.

Like `ResponseUrls`: in the order in which it was said, nothing waits for it, and a line that cannot be delivered
is logged. Slack shows an ephemeral line only to who is in the channel and looks at it, and takes it only where
the bot is, too (facts §2): where it does not, as in a channel that was chosen in a form, the line comes as a
direct message.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import Response
from bot.process import Clock, Tasks
from bot.slack.api import SlackProblem, TryLater, call_method, post_message
from bot.slack.responses._response_url import RESPONSE_URL_ATTEMPTS, ResponseUrls
from bot.text import channel as mention

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 30.0


class Ephemerals:
    """Makes the `Respond` of a mention, and of a form."""

    def __init__(self, client: AsyncWebClient, answers: ResponseUrls, tasks: Tasks, clock: Clock) -> None:
        self.client = client
        self.answers = answers
        self.tasks = tasks
        self.clock = clock

    def to(self, actor: str, channel: str, thread: str | None) -> "Ephemeral":
        """Give the way to one person, in the thread of that ts, if there is one."""
        return Ephemeral(self, actor, channel, thread)


class Ephemeral:
    """One person, one place. Calling it never raises."""

    def __init__(self, house: Ephemerals, actor: str, channel: str, thread: str | None) -> None:
        self._house = house
        self._actor = actor
        self._channel = channel
        self._place = {"channel": channel, "user": actor} | ({"thread_ts": thread} if thread else {})
        self._in_order = asyncio.Lock()

    async def __call__(self, response: Response) -> None:
        """Tell the person, after what they were told before; does not wait for Slack."""
        self._house.tasks.work(self._deliver(response))

    async def _deliver(self, response: Response) -> None:
        async with self._in_order:
            painted = self._house.answers.painted(response, self._actor)
            client = self._house.client
            refused = await self._sent(lambda: call_method(client, "chat.postEphemeral", {**self._place, **painted}))
            if refused is not None:
                log.info("a line for %s comes as a direct message: %s", self._actor, refused)
                direct = {"channel": self._actor, **self._direct(response)}
                refused = await self._sent(lambda: post_message(client, direct))
            if refused is not None:
                log.warning("a line for %s could not be delivered: %s", self._actor, refused)

    def _direct(self, response: Response) -> Mapping[str, Any]:
        """Paint it for the person's own conversation: a button acts where it stands, and only a stop means the same."""
        place = "" if self._channel == self._actor else f"_About {mention(self._channel)}:_\n"
        offers = tuple(each for each in response.offers if each.text.startswith("stop "))
        return self._house.answers.painted(
            replace(response, text=f"{place}{response.text}", offers=offers), self._actor
        )

    async def _sent(self, send: Callable[[], Awaitable[object]]) -> str | None:
        """Send it, several times if need be; give the word for why it was not taken, or None when it was."""
        for _ in range(RESPONSE_URL_ATTEMPTS):
            try:
                await send()
            except TryLater as later:
                log.info("a line for %s waits: %s", self._actor, later.why)
                await self._house.clock.sleep(min(later.seconds, _LONGEST_PAUSE_S))
            except SlackProblem as problem:
                return str(problem)
            else:
                return None
        return f"not taken in {RESPONSE_URL_ATTEMPTS} attempts"
