"""A session's calls: the record of each, the reasons for a failure, and its cost."""

import math
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.sandbox.voximplant._call_settings import CallOutcome, CallSettings

PRICE_PER_SECOND = 0.001  # made up, in the account's currency
_DIALLABLE = re.compile(r"\+?\d{3,15}")
_SEPARATORS = re.compile(r"[\s().-]")  # as people write numbers; whether the platform dials them is not known


@dataclass(frozen=True, kw_only=True)
class CallFailure:
    """The reason why a call was not connected: the documented fields of `CallEvents.Failed`."""

    code: int
    reason: str


INVALID_NUMBER = CallFailure(code=404, reason="Invalid number")
FORBIDDEN = CallFailure(code=403, reason="Forbidden")
UNANSWERED = CallFailure(code=408, reason="Request Timeout")
UNAVAILABLE = CallFailure(code=480, reason="Temporarily Unavailable")
BUSY = CallFailure(code=486, reason="Busy Here")
CANCELLED = CallFailure(code=487, reason="Request Terminated")
DECLINED = CallFailure(code=603, reason="Decline")

_BY_SUFFIX = {str(failure.code): failure for failure in (INVALID_NUMBER, UNAVAILABLE, BUSY, DECLINED)}
_BY_OUTCOME = {CallOutcome.BUSY: BUSY, CallOutcome.DECLINED: DECLINED, CallOutcome.UNAVAILABLE: UNAVAILABLE}


class CallKind(StrEnum):
    """The other side of a call, in the words of `Call.clientType()`; a conference counts as SIP."""

    PSTN = "pstn"
    SIP = "sip"
    USER = "user"
    WHATSAPP = "wab"


class EndedBy(StrEnum):
    """The one that ended a call."""

    SCENARIO = "scenario"
    NETWORK = "network"
    SESSION = "session"


@dataclass(kw_only=True)
class Call:
    """One call of a session. It is live, and keeps its session alive, from the dialling to its end."""

    call_id: str
    number: str
    caller_id: str
    placed_at: datetime
    kind: CallKind = CallKind.PSTN
    incoming: bool = False
    answering: bool = False
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: EndedBy | None = None
    failure: CallFailure | None = None

    @property
    def local_number(self) -> str:
        """The number on the platform's side."""
        return self.number if self.incoming else self.caller_id

    @property
    def remote_number(self) -> str:
        """The number, user or address on the other side."""
        return self.caller_id if self.incoming else self.number

    @property
    def is_live(self) -> bool:
        """Return whether it still rings or is connected."""
        return self.ended_at is None

    @property
    def is_unanswered(self) -> bool:
        """Return whether it is live and was not answered yet."""
        return self.is_live and self.connected_at is None

    @property
    def is_to_a_placeholder(self) -> bool:
        """Return whether its number could not be dialled: `YOUR_NUMBER`, say."""
        return self.kind is CallKind.PSTN and not self.incoming and not is_diallable(self.number)

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


def network_failure(kind: CallKind, number: str, settings: CallSettings) -> CallFailure | None:
    """Return the network's failure of an outgoing call; None when it is answered, or rings unanswered.

    The sandbox's own convention: a telephone number fails with the SIP code it ends in (404, 480, 486 or 603).
    """
    if not number or not (kind is not CallKind.PSTN or settings.any_number or is_diallable(number)):
        return INVALID_NUMBER
    if kind is CallKind.PSTN and number[-3:] in _BY_SUFFIX:
        return _BY_SUFFIX[number[-3:]]
    return _BY_OUTCOME.get(settings.outcome)


def is_diallable(number: str) -> bool:
    """Return whether a text has the form of a telephone number, separators aside."""
    return _DIALLABLE.fullmatch(_SEPARATORS.sub("", number)) is not None
