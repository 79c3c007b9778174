"""Repeated responses: a person who presses the same button again and again gets the same response once."""

from collections import OrderedDict
from typing import Final

from bot.process import Clock

WITHIN_S: Final = 30.0
"""How long a line counts as read: Slack takes it off the screen when the page is loaded anew."""

_REMEMBERED: Final = 1_000


class Repeats:
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
