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
# Documented as "about 1/s", and by tiers as "20+", "50+" and "100+" a minute for the workspace; the stricter
# reading is the plain number, without bursts. apps.connections.open (1+ a minute) is left out: at one a minute
# no client could reconnect after a check. auth.test and chat.getPermalink have "hundreds": left out, too.
TIER_2, TIER_3, TIER_4 = (Limit(calls, MINUTE) for calls in (20, 50, 100))
LIMITS = {
    "chat.postMessage": Limit(1, timedelta(seconds=1), per="channel"),
    "chat.update": TIER_3,
    "chat.postEphemeral": TIER_4,
    "conversations.info": TIER_3,
    "conversations.members": TIER_4,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "team.info": TIER_3,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.conversations": TIER_3,
    "users.info": TIER_4,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.update": TIER_4,
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
