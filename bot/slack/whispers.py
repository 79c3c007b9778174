"""Telling one person in a channel or thread, where no response_url came along: after a mention.

Like `Answers`: in the order in which it was said, nothing waits for it, and a line that cannot be delivered
is logged. Slack shows an ephemeral line only to who is in the channel and looks at it (facts §2).
"""

import asyncio
import logging
from typing import Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack import web
from bot.slack.answers import ATTEMPTS, Answers
from bot.tasks import Tasks
from bot.verbs.board import Telling

log = logging.getLogger(__name__)

_LONGEST_PAUSE_S: Final = 30.0


class Whispers:
    """Makes the `Tell` of a mention."""

    def __init__(self, client: AsyncWebClient, answers: Answers, tasks: Tasks, clock: Clock) -> None:
        self.client = client
        self.answers = answers
        self.tasks = tasks
        self.clock = clock

    def to(self, actor: str, channel: str, thread: str | None) -> "Whisper":
        """Give the way to one person, in the thread of that ts, if there is one."""
        return Whisper(self, actor, channel, thread)


class Whisper:
    """One person, one place. Calling it never raises."""

    def __init__(self, house: Whispers, actor: str, channel: str, thread: str | None) -> None:
        self._house = house
        self._actor = actor
        self._place = {"channel": channel, "user": actor} | ({"thread_ts": thread} if thread else {})
        self._in_order = asyncio.Lock()

    async def __call__(self, said: Telling) -> None:
        """Tell the person, after what they were told before; does not wait for Slack."""
        painted = self._house.answers.painted(said, self._actor)
        self._house.tasks.work(self._deliver({**self._place, **painted}))

    async def _deliver(self, message: dict[str, object]) -> None:
        async with self._in_order:
            for _ in range(ATTEMPTS):
                try:
                    await web.call(self._house.client, "chat.postEphemeral", message)
                except web.Later as later:
                    log.info("a line for %s waits: %s", self._actor, later.why)
                    await self._house.clock.sleep(min(later.seconds, _LONGEST_PAUSE_S))
                except web.SlackProblem as problem:
                    log.warning("a line for %s could not be delivered: %s", self._actor, problem)
                    return
                else:
                    return
            log.warning("a line for %s could not be delivered in %d attempts", self._actor, ATTEMPTS)
