"""Delays before a refused message is retried: longer each time, and not for ever."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.slack.api import TryLater
from storage.outbox import Due

REFUSED_PAUSE_S: Final = 60.0
"""The first pause of a refused message, and the longest once it has something new to say."""

_REFUSED_AT_MOST_S: Final = 3_600.0
_RARELY_S: Final = 86_400.0
_OFTEN: Final = 12
"""After so many attempts, some seven hours, a day passes between two of them."""

_ATTEMPTS: Final = _OFTEN + 7
_DOUBLINGS: Final = 16


@dataclass
class _Pause:
    """The delay of a message: its start, end and version; `refused` separates a refusal from a mere wait."""

    since: float
    until: float
    version: int
    attempts: int
    channel: str
    refused: bool


class RetryDelays:
    """The pauses of messages. Times are of a monotonic clock, in seconds; a new process begins without any."""

    def __init__(self) -> None:
        self._pauses: dict[int, _Pause] = {}

    def wait(self, message: Due, now: float) -> float:
        """Return the seconds until a message may be retried; a new version of a refused one shortens them."""
        pause = self._pauses.get(message.id)
        if pause is None:
            return 0.0
        is_new = pause.refused and message.wanted > pause.version
        return (min(pause.until, pause.since + REFUSED_PAUSE_S) if is_new else pause.until) - now

    def attempts(self, message_id: int) -> int:
        """Return how often in a row a message had to wait."""
        return self._attempts(message_id, refused=False)

    def is_hopeless(self, message_id: int) -> bool:
        """Return whether a message has been refused for a week."""
        return self._attempts(message_id, refused=True) + 1 >= _ATTEMPTS

    def later(self, message: Due, later: TryLater, now: float) -> None:
        """Pause a message that only has to wait."""
        self._put(message, later.seconds, later.longest, now, refused=False)

    def refused(self, message: Due, now: float) -> None:
        """Pause a message that Slack refused."""
        longest = _REFUSED_AT_MOST_S if self._attempts(message.id, refused=True) < _OFTEN else _RARELY_S
        self._put(message, REFUSED_PAUSE_S, longest, now, refused=True)

    def end(self, message_ids: Iterable[int]) -> None:
        """End the pauses of messages, and forget their attempts."""
        for each in message_ids:
            self._pauses.pop(each, None)

    def end_in(self, channel: str) -> None:
        """End the pauses of all that a channel refused: it takes messages again."""
        self.end([each for each, pause in self._pauses.items() if pause.refused and pause.channel == channel])

    def _put(self, message: Due, seconds: float, longest: float, now: float, *, refused: bool) -> None:
        before = self._attempts(message.id, refused=refused)
        wait = min(seconds * 2 ** min(before, _DOUBLINGS), longest)
        self._pauses[message.id] = _Pause(now, now + wait, message.wanted, before + 1, message.channel, refused)

    def _attempts(self, message_id: int, *, refused: bool) -> int:
        pause = self._pauses.get(message_id)
        return pause.attempts if pause is not None and pause.refused is refused else 0
