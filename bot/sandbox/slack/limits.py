"""Slack's rate limits, where they are known (facts: Slack, section 2)."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.slack.messages import Json


@dataclass(frozen=True)
class Limit:
    """So many calls in a window, counted apart for each value of the argument `per`."""

    calls: int
    window: timedelta
    per: str | None = None


MINUTE = timedelta(minutes=1)
# The facts say "about 1/s", "50+" and "20+"; the stricter reading is the plain number, without bursts.
# apps.connections.open (1+ a minute) is left out: at one a minute no client could reconnect after a check.
LIMITS = {
    "chat.postMessage": Limit(1, timedelta(seconds=1), per="channel"),
    "chat.update": Limit(50, MINUTE),
    "usergroups.users.list": Limit(20, MINUTE),
}


class RateLimits:
    """The calls of the recent past, and whether one more is allowed."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def retry_after(self, method: str, arguments: Json) -> int | None:
        """Count a call; of one too many give the seconds to wait, at least 1, and do not count it."""
        limit = LIMITS.get(method)
        if limit is None:
            return None
        seen = self._seen[method, str(arguments.get(limit.per)) if limit.per else ""]
        now = self._clock()
        while seen and now - seen[0] >= limit.window:
            seen.popleft()
        if len(seen) >= limit.calls:
            return max(1, math.ceil((seen[0] + limit.window - now).total_seconds()))
        seen.append(now)
        return None
