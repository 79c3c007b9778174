"""The network's behaviour towards the calls of a rule, and a call that comes in. All of it is the sandbox's own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CallOutcome(StrEnum):
    """The fate of an outgoing call. `NO_ANSWER` rings until its time is over."""

    ANSWERED = "answered"
    BUSY = "busy"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, kw_only=True)
class CallSettings:
    """The behaviour of the other side of a rule's calls, in seconds.

    A telephone number that ends in a SIP failure code (404, 480, 486 or 603) fails with it, whatever stands here.
    """

    outcome: CallOutcome = CallOutcome.ANSWERED
    any_number: bool = False
    """A number may have any form, that of a placeholder such as `YOUR_NUMBER` as well."""
    ring_seconds: float = 0.0
    """An outgoing call begins to ring this long after the dialling, if nothing happened to it before."""
    connect_seconds: float = 0.05
    """An outgoing call is answered, or refused, this long after the dialling."""
    talk_seconds: float | None = None
    """The other side hangs up this long after the answer; None: it never does."""
    unanswered_seconds: float = 60.0
    """A call that nobody answers is over after this long, in either direction (facts: 60 s)."""


@dataclass(frozen=True, kw_only=True)
class InboundCall:
    """A call that comes in and starts a session: the fields of `AppEvents.CallAlerting`."""

    caller_id: str = "+15550100"
    destination: str = "+15550199"
    display_name: str = "Caller"
    custom_data: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
