"""The errors of requests to the platform, as a tree.

PlatformError
├─ NotSent                    surely nothing reached the platform: trying again is safe
│  ├─ CannotConnect           no connection was made: name, network, port, time
│  │  ├─ ConnectionRefused    the machine is there, and nobody listens at that port
│  │  └─ ProxyInTheWay        the proxy gave no tunnel
│  ├─ CertificateUnverified   the server did not prove its name
│  ├─ HostRefused             the settings forbid this host
│  │  ├─ LogHostRefused       the same, for a session's log
│  │  └─ AddressRefused       its name has no public address
│  ├─ PlainHttpForbidden      only an unencrypted URL is there, and it may not be used
│  ├─ NoUsableUrl             there is no URL at all
│  ├─ UnsendableText          a text that no UTF-8 form can carry
│  └─ CredentialsUnusable     the credentials could not be read
├─ Refused                    the platform said no, with a code; nothing was done
│  ├─ AuthenticationFailed    100
│  ├─ RoleMissing             104
│  ├─ NoMoney                 127
│  ├─ AccountNotActivated     131
│  ├─ UnknownRule             147, 156
│  ├─ UnknownHistoryId        150
│  ├─ BadParameter            257, 496
│  ├─ ConcurrencyLimit        314
│  ├─ TryLater                162, 340, 416 and HTTP 429
│  ├─ RuleWithoutScenario     375
│  ├─ TokenRejected           447, 454
│  ├─ ClockSkew               455, 456
│  └─ ProbablyRepeated        484, 515
├─ OutcomeUnknown             a byte may have been acted on: never repeat a start or a send
│  ├─ TimedOut                no answer in time
│  ├─ ConnectionBroken        the connection ended before the answer did
│  ├─ NotUnderstood           an answer, but not the platform's: a gateway's page, nothing, a redirect
│  │  ├─ AnswerTooLarge       an answer of more bytes than are read
│  │  └─ NoUrlGiven           the platform accepted a start and named no usable URL
│  ├─ PlatformFault           1, 2, 4, 15, 16: the platform failed while working on it
│  ├─ Answered                a session URL answered with a status that is neither yes nor gone
│  │  └─ Redirected           that status was a redirect, which is never followed
│  └─ LogNotGiven             the address of a log answered with a status that gives no log
└─ Gone                       404 or 410 from a session URL
   └─ LogGone                 404 or 410 from the address of a log

Each class says in `text` what happened, what did not, and what to do next; fields go in by name, and
`sentence` is the result. Texts hold for starts, session requests and look-ups alike where a class is shared.
No field ever holds a URL, a token or a key. `Answered` stands under `OutcomeUnknown` because the request did
arrive, and a status such as 500 may come from the scenario's handler after it acted.
"""

from bot.voximplant.errors._base import PlatformError, in_one_line
from bot.voximplant.errors._not_sent import (
    AddressRefused,
    CannotConnect,
    CertificateUnverified,
    ConnectionRefused,
    CredentialsUnusable,
    HostRefused,
    LogHostRefused,
    NotSent,
    NoUsableUrl,
    PlainHttpForbidden,
    ProxyInTheWay,
    UnsendableText,
)
from bot.voximplant.errors._outcome_unknown import (
    Answered,
    AnswerTooLarge,
    ConnectionBroken,
    LogNotGiven,
    NotUnderstood,
    NoUrlGiven,
    OutcomeUnknown,
    PlatformFault,
    Redirected,
    TimedOut,
)
from bot.voximplant.errors._refused import (
    AccountNotActivated,
    AuthenticationFailed,
    BadParameter,
    ClockSkew,
    ConcurrencyLimit,
    Gone,
    LogGone,
    NoMoney,
    ProbablyRepeated,
    Refused,
    RoleMissing,
    RuleWithoutScenario,
    TokenRejected,
    TryLater,
    UnknownHistoryId,
    UnknownRule,
    refusal,
)

__all__ = [
    "AccountNotActivated", "AddressRefused", "AnswerTooLarge", "Answered", "AuthenticationFailed", "BadParameter",
    "CannotConnect", "CertificateUnverified", "ClockSkew", "ConcurrencyLimit", "ConnectionBroken",
    "ConnectionRefused", "CredentialsUnusable", "Gone", "HostRefused", "LogGone", "LogHostRefused", "LogNotGiven",
    "NoMoney", "NoUrlGiven", "NoUsableUrl", "NotSent", "NotUnderstood", "OutcomeUnknown", "PlainHttpForbidden",
    "PlatformError", "PlatformFault", "ProbablyRepeated", "ProxyInTheWay", "Redirected", "Refused", "RoleMissing",
    "RuleWithoutScenario", "TimedOut", "TokenRejected", "TryLater", "UnknownHistoryId", "UnknownRule",
    "UnsendableText", "in_one_line", "refusal",
]  # fmt: skip
