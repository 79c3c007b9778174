"""Slack's rate limits, where they are known (facts: Slack, section 2)."""

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.slack._messages import Json


@dataclass(frozen=True)
class Limit:
    """A number of calls per window, counted apart for each value of the argument `per`.

    With a `burst`, the calls are refilled evenly over the window, and up to `burst` of them may be saved up.
    """

    calls: int
    window: timedelta
    per: str | None = None
    burst: int | None = None


MINUTE = timedelta(minutes=1)
POSTS_AT_ONCE = 10
# Documented as "about 1/s" with "short bursts" of unknown length, and by tiers as "20+", "50+" and "100+" a minute
# for the workspace; the stricter reading of these is the plain number, without bursts. apps.connections.open (1+ a
# minute) is left out: at one a minute no client could reconnect after a check. auth.test and chat.getPermalink have
# "hundreds": left out, too.
TIER_2, TIER_3, TIER_4 = (Limit(calls, MINUTE) for calls in (20, 50, 100))
LIMITS = {
    "chat.postMessage": Limit(1, timedelta(seconds=1), per="channel", burst=POSTS_AT_ONCE),
    "chat.update": TIER_3,
    "chat.delete": TIER_3,
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
    """A rate limiter over the recent calls of each method."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._seen: defaultdict[tuple[str, str], deque[datetime]] = defaultdict(deque)
        self._used_up_until: dict[tuple[str, str], datetime] = {}

    def retry_after(self, method: str, arguments: Json) -> int | None:
        """Count a call and return None, or return the seconds to wait (at least 1) without counting it."""
        limit = LIMITS.get(method)
        if limit is None:
            return None
        key, now = (method, str(arguments.get(limit.per)) if limit.per else ""), self._clock()
        wait = self._in_window(limit, key, now) if limit.burst is None else self._in_burst(limit, key, now)
        return max(1, math.ceil(wait.total_seconds())) if wait > timedelta() else None

    def _in_window(self, limit: Limit, key: tuple[str, str], now: datetime) -> timedelta:
        seen = self._seen[key]
        while seen and now - seen[0] >= limit.window:
            seen.popleft()
        if len(seen) >= limit.calls:
            return seen[0] + limit.window - now
        seen.append(now)
        return timedelta()

    def _in_burst(self, limit: Limit, key: tuple[str, str], now: datetime) -> timedelta:
        """Return the wait until one call is refilled, computed from the moment at which the bucket is full."""
        each = limit.window / limit.calls
        until = max(self._used_up_until.get(key, now), now) + each
        over = until - now - each * (limit.burst or 1)
        if over <= timedelta():
            self._used_up_until[key] = until
        return over
