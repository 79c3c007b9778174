"""Slack's budget (DESIGN §9): a post a second in each channel, fifty updates a minute, and its 429s."""

from collections import defaultdict
from typing import Final

POSTS_EVERY_S: Final = 1.0
UPDATES: Final = 50
UPDATES_PER_S: Final = UPDATES / 60


class Pace:
    """Says how long to wait before the next post or update. Times are of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._next_post: defaultdict[str, float] = defaultdict(float)
        self._updates = float(UPDATES)
        self._counted_at = 0.0
        self._blocked_until: defaultdict[str, float] = defaultdict(float)

    def wait_to_post(self, channel: str, now: float) -> float:
        """Give the seconds until a post into this channel is due; 0 is now."""
        return max(self._next_post[channel] - now, self._blocked_until["post"] - now, 0.0)

    def wait_to_update(self, now: float) -> float:
        """Give the seconds until an update is due; 0 is now."""
        self._refill(now)
        missing = max(1.0 - self._updates, 0.0) / UPDATES_PER_S
        return max(missing, self._blocked_until["update"] - now, 0.0)

    def posted(self, channel: str, now: float) -> None:
        """Count a post."""
        self._next_post[channel] = now + POSTS_EVERY_S

    def updated(self, now: float) -> None:
        """Count an update."""
        self._refill(now)
        self._updates -= 1

    def refused_post(self, channel: str, now: float, retry_after: float) -> None:
        """Take Slack's word for how long this channel must wait."""
        self._next_post[channel] = now + retry_after

    def refused_update(self, now: float, retry_after: float) -> None:
        """Take Slack's word for how long updates must wait."""
        self._blocked_until["update"] = now + retry_after

    def _refill(self, now: float) -> None:
        if self._counted_at:
            self._updates = min(UPDATES, self._updates + (now - self._counted_at) * UPDATES_PER_S)
        self._counted_at = now
