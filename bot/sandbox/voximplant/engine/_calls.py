"""Outgoing telephone calls of a session: the answers of a simulated network, and the cost of a call."""

import math
import re
from dataclasses import dataclass
from datetime import datetime

PRICE_PER_SECOND = 0.001  # made up, in the account's currency
_DIALLABLE = re.compile(r"\+?\d{3,15}")


@dataclass(frozen=True, kw_only=True)
class CallFailure:
    """The reason why a call was not connected: the documented fields of `CallEvents.Failed`."""

    code: int
    reason: str


INVALID_NUMBER = CallFailure(code=404, reason="Invalid number")
CANCELLED = CallFailure(code=487, reason="Request Terminated")
_FAILURES = {
    "404": INVALID_NUMBER,
    "480": CallFailure(code=480, reason="Temporarily Unavailable"),
    "486": CallFailure(code=486, reason="Busy Here"),
    "603": CallFailure(code=603, reason="Decline"),
}


def network_failure(number: str) -> CallFailure | None:
    """Return the network's failure for `number`; None when the call is answered.

    The sandbox's own convention: a number fails with the SIP code it ends in (404, 480, 486 or 603).
    """
    if not _DIALLABLE.fullmatch(number):
        return INVALID_NUMBER
    return _FAILURES.get(number[-3:])


@dataclass(kw_only=True)
class Call:
    """One call of a session. It is live, and keeps its session alive, from the dialling to its end."""

    call_id: str
    number: str
    caller_id: str
    placed_at: datetime
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    failure: CallFailure | None = None

    @property
    def is_live(self) -> bool:
        """Return whether it still rings or is connected."""
        return self.ended_at is None

    @property
    def duration_seconds(self) -> int:
        """Whole seconds from the answer to the end, rounded up; 0 while it is live."""
        if self.connected_at is None or self.ended_at is None:
            return 0
        return math.ceil((self.ended_at - self.connected_at).total_seconds())

    @property
    def cost(self) -> float:
        """In the account's currency; 0 while the call is live."""
        return round(self.duration_seconds * PRICE_PER_SECOND, 5)
