"""Slack's budget (DESIGN §9): a post a second in each channel, fifty updates a minute, and its 429s."""

from collections import defaultdict, deque
from typing import Final

POSTS_EVERY_S: Final = 1.0625
"""A second, and a little for the way: Slack counts when a post arrives."""

UPDATES: Final = 50
UPDATES_WITHIN_S: Final = 60.0
KEPT_FOR_SUMMARIES: Final = 10
"""How many of these only summaries may use: what tells of many at once must not wait for each one's card."""

SUMMARIES_EVERY_S: Final = 3.0
"""How often one summary may change: a bulk stop must not use up the updates of everybody's cards."""


class Pace:
    """Says how long to wait before the next post or update. Times are of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._next_post: defaultdict[str, float] = defaultdict(float)
        self._updates: deque[float] = deque(maxlen=UPDATES)
        self._next_update = 0.0
        self._next_edit: dict[int, float] = {}

    def wait_to_post(self, channel: str, now: float) -> float:
        """Give the seconds until a post into this channel is due; 0 is now."""
        return max(self._next_post[channel] - now, 0.0)

    def wait_to_update(self, now: float, *, summary: bool = False) -> float:
        """Give the seconds until an update is due, of a summary or of anything else; 0 is now."""
        most = UPDATES if summary else UPDATES - KEPT_FOR_SUMMARIES
        room = self._updates[-most] + UPDATES_WITHIN_S - now if len(self._updates) >= most else 0.0
        return max(room, self._next_update - now, 0.0)

    def wait_to_edit(self, summary: int, now: float) -> float:
        """Give the seconds until this summary may change; 0 is now."""
        return max(self._next_edit.get(summary, now) - now, 0.0)

    def posted(self, channel: str, now: float) -> None:
        """Count a post."""
        self._next_post[channel] = now + POSTS_EVERY_S

    def updated(self, now: float) -> None:
        """Count an update."""
        self._updates.append(now)

    def shown(self, summary: int, now: float) -> None:
        """Count a summary's post or update; forget those that changed long ago."""
        self._next_edit = {each: moment for each, moment in self._next_edit.items() if moment > now}
        self._next_edit[summary] = now + SUMMARIES_EVERY_S

    def refused_post(self, channel: str, now: float, retry_after: float) -> None:
        """Take Slack's word for how long this channel must wait."""
        self._next_post[channel] = now + retry_after

    def refused_update(self, now: float, retry_after: float) -> None:
        """Take Slack's word for how long updates must wait."""
        self._next_update = now + retry_after
