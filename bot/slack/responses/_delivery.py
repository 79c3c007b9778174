"""The delivery to one person: ways are tried in their order until one of them takes a response.

The responses of one request go out in the order in which they were made, and nothing waits for them: a stop, least
of all, is not held up by a Slack that hangs. The last resort is the log.
"""

import asyncio
import functools
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.ports import Response
from bot.process import Clock, Tasks
from bot.slack.api import A_FEW_TIMES, Retry, SlackProblem, call_again

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to a person. `call_for` returns the call that sends a response once, and raises a SlackProblem."""

    name: str
    call_for: Callable[[Response], Callable[[], Awaitable[object]]]
    retry: Retry = A_FEW_TIMES


class Delivery:
    """Sends responses to one person: a `Respond`. Deliveries that share `order_lock` keep their order as well."""

    def __init__(
        self,
        person: str,
        ways: Callable[[], Sequence[Way]],
        tasks: Tasks,
        clock: Clock,
        order_lock: asyncio.Lock | None = None,
    ) -> None:
        self._person = person
        self._ways_of = ways
        self._tasks = tasks
        self._clock = clock
        self._order_lock = order_lock or asyncio.Lock()

    @functools.cached_property
    def _ways(self) -> Sequence[Way]:
        """The ways, which keep count of their uses; made for the first response, and so after the ack."""
        return self._ways_of()

    async def __call__(self, response: Response) -> None:
        """Send a response after those before it; return at once."""
        self._tasks.response(self._deliver(response))

    async def _deliver(self, response: Response) -> None:
        async with self._order_lock:
            await self._tasks.acks.none_waits()
            for way in self._ways:
                if await self._is_taken(response, way):
                    return
        log.warning("a response to %s could not be delivered", self._person or "an unknown person")

    async def _is_taken(self, response: Response, way: Way) -> bool:
        def waits(problem: SlackProblem, pause: float) -> None:
            log.info("a response to %s by %s waits %g s: %s", self._person, way.name, pause, problem)

        try:
            await call_again(way.call_for(response), way.retry, self._clock, waits)
        except SlackProblem as problem:
            log.info("a response to %s did not go by %s: %s", self._person, way.name, problem)
            return False
        except Exception:  # the next way may be sound
            log.exception("a response to %s fell over on its way by %s", self._person, way.name)
            return False
        return True
