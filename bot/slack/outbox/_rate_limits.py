"""The rate limiter of Slack's budget: posts into each channel, fifty updates a minute, and its 429s.

Slack documents about a post a second in a channel, and short bursts of more. The size of a burst is not
documented: a channel begins with a few, and learns from each refusal.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Final

from storage.outbox import Urgency

POST_EVERY_S: Final = 1.0625
"""A second, and a little for the way: Slack counts when a post arrives."""

BURST: Final = 8
"""The first burst of posts in a channel after a quiet while; a refusal halves it."""

LEARNS_BACK_S: Final = 60.0
"""After so long without a refusal a channel may have one more at once again."""

UPDATES: Final = 50
UPDATES_WITHIN_S: Final = 60.0
KEPT_FOR_URGENT: Final = 10
"""The updates reserved for alarms, outcomes of stops and summaries: they must not wait for everybody's cards."""

SHARED_WITH_STARTED: Final = 5
"""Of these, the updates for cards that still say *starting*: after a busy minute a new one waits for none."""

EDIT_EVERY_S: Final = 3.0
"""The interval of updates of a message with many outcomes: it must not use up those of everybody's cards."""

CHANNELS_KEPT: Final = 1_000
"""The number of buckets from which on those that are full again are dropped: a new one is the same."""

_WHOLE: Final = 1 - 1e-9
"""A post that is due, for numbers that were added up."""

_SPARE: Final = 1 - _WHOLE


@dataclass
class _Bucket:
    """The token bucket of one channel: it fills at one a second, up to the known burst."""

    left: float = BURST
    counted_at: float = 0.0
    burst: int = BURST
    burst_at: float = 0.0
    closed_until: float = 0.0

    def wait(self, now: float) -> float:
        self._fill(now)
        missing = 0.0 if self.left >= _WHOLE else (1 - self.left) * POST_EVERY_S
        return max(self.closed_until - now, missing, 0.0)

    def take(self, now: float) -> None:
        self._fill(now)
        self.left -= 1

    def is_new_again(self, now: float) -> bool:
        """Return whether it is as full as a new one, and has no more to learn back."""
        self._fill(now)
        return now >= self.closed_until and self.left >= BURST - _SPARE

    def refused(self, now: float, retry_after: float) -> None:
        """Close it for the time of Retry-After; of several posts under way only the first refusal counts."""
        if now >= self.closed_until:
            self.burst, self.burst_at = max(self._burst(now) // 2, 1), now
        self.closed_until = max(self.closed_until, now + retry_after)
        self.left, self.counted_at = 1.0, self.closed_until

    def _fill(self, now: float) -> None:
        if now > self.counted_at:
            self.left = min(self.left + (now - self.counted_at) / POST_EVERY_S, self._burst(now))
            self.counted_at = now

    def _burst(self, now: float) -> int:
        return min(self.burst + int((now - self.burst_at) / LEARNS_BACK_S), BURST)


class RateLimiter:
    """The rate limiter of posts and updates. Times are of a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._posts: defaultdict[str, _Bucket] = defaultdict(_Bucket)
        self._updates: deque[float] = deque(maxlen=UPDATES)
        self._next_update = 0.0
        self._next_edit: dict[int, float] = {}

    def wait_to_post(self, channel: str, now: float) -> float:
        """Return the seconds until a post into this channel is due; 0 is now."""
        bucket = self._posts.get(channel)
        return 0.0 if bucket is None else bucket.wait(now)

    def wait_to_update(self, now: float, urgency: Urgency = Urgency.repaint) -> float:
        """Return the seconds until an update of this urgency is due; 0 is now."""
        shared = SHARED_WITH_STARTED if urgency is Urgency.started else 0
        most = UPDATES if urgency <= Urgency.summary else UPDATES - KEPT_FOR_URGENT + shared
        room = self._updates[-most] + UPDATES_WITHIN_S - now if len(self._updates) >= most else 0.0
        return max(room, self._next_update - now, 0.0)

    def wait_to_edit(self, message: int, now: float) -> float:
        """Return the seconds until this message, which gathers outcomes, may change; 0 is now."""
        return max(self._next_edit.get(message, now) - now, 0.0)

    def posted(self, channel: str, now: float) -> None:
        """Count a post."""
        if channel not in self._posts and len(self._posts) >= CHANNELS_KEPT:
            for each in [each for each, bucket in self._posts.items() if bucket.is_new_again(now)]:
                del self._posts[each]
        self._posts[channel].take(now)

    def updated(self, now: float) -> None:
        """Count an update."""
        self._updates.append(now)

    def shown(self, message: int, now: float) -> None:
        """Count a post or update of a message that gathers outcomes; drop those that changed long ago."""
        self._next_edit = {each: moment for each, moment in self._next_edit.items() if moment > now}
        self._next_edit[message] = now + EDIT_EVERY_S

    def refused_post(self, channel: str, now: float, retry_after: float) -> None:
        """Record a 429 of this channel: its pause, and the excess of its burst."""
        self._posts[channel].refused(now, retry_after)

    def refused_update(self, now: float, retry_after: float) -> None:
        """Record Slack's Retry-After: how long updates must wait."""
        self._next_update = max(self._next_update, now + retry_after)
