"""Repetitions: one intent typed again, and one response given again."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.process import Clock


@dataclass(frozen=True, kw_only=True)
class DoublePress:
    """The time after an outcome in which the same words of one person in one channel are one intent, and its texts.

    `done` completes "Already … #7"; `again` labels the button that runs it all the same. With `by_anyone` the same
    words of several people are one intent, too.
    """

    within: timedelta
    done: str
    again: str
    by_anyone: bool = False


WITHIN_S: Final = 30.0
"""The time for which a response counts as read: Slack removes it when the page is reloaded."""

_REMEMBERED: Final = 1_000


class RecentResponses:
    """The recent responses, each with its moment."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: OrderedDict[tuple[str, str, str], float] = OrderedDict()

    def is_news(self, actor: str, channel: str, text: str) -> bool:
        """Return whether this person has not just got this response here, and record it."""
        line, now = (actor, channel, text), self._clock.monotonic()
        before = self._told.get(line)
        if before is not None and now - before < WITHIN_S:
            return False
        self._told[line] = now
        self._told.move_to_end(line)
        if len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return True
