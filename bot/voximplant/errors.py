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

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

REPEAT_AFTER = 416  # facts: "repeat after N s"
PLATFORM_FAULTS = frozenset({1, 2, 4, 15, 16})


class PlatformError(Exception):
    """The base of all failures between the bot and the platform."""

    text = "The platform could not be used. Try again, or ask whoever runs this bot."

    @property
    def sentence(self) -> str:
        """The sentence for the person."""
        return self.text.format_map(vars(self))

    def __str__(self) -> str:
        return self.sentence


class NotSent(PlatformError):  # noqa: N818 - it names an outcome
    """Surely nothing reached the platform; the same request may be retried."""

    text = "The request never left, so nothing was done. You can try it again."


class CannotConnect(NotSent):
    """No connection could be made to `host`, or not in time."""

    text = (
        "No connection to {host} could be made, so nothing was sent and nothing was done."
        " You can try again; if it stays like this, check the network and the platform's status."
    )

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class ConnectionRefused(CannotConnect):
    """`host` refuses connections at that port: for a session's URL, most likely the session is over."""

    text = (
        "{host} takes no connection there, so nothing was sent and nothing was done."
        " You can try again; if it stays like this, check the platform's status."
    )


class ProxyInTheWay(CannotConnect):
    """The proxy of SESSION_BOT_PROXY gave no tunnel to `host`; `why` continues "the proxy"."""

    text = (
        "The proxy {why}, so there was no connection to {host}, nothing was sent and nothing was done."
        " Try again; if it stays like this, ask whoever runs this bot about SESSION_BOT_PROXY, and whether the proxy"
        " allows that host and port."
    )

    def __init__(self, host: str, why: str) -> None:
        super().__init__(host)
        self.why = why


class CertificateUnverified(NotSent):
    """The certificate of `host` is for another name, expired, or signed by nobody we trust."""

    text = (
        "{host} could not prove with its certificate that it is the platform, so nothing was sent."
        " Ask whoever runs this bot to check the certificates it trusts."
    )

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class HostRefused(NotSent):
    """`host` matches no pattern of VOXIMPLANT_SESSION_HOSTS."""

    text = (
        "The session's URL leads to {host}, which this bot may not contact, so nothing was sent."
        " If that host is right, ask whoever runs this bot to add it to VOXIMPLANT_SESSION_HOSTS."
    )

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


class LogHostRefused(HostRefused):
    """A log lies at `host`, which is none of the platform's storages and not named in VOXIMPLANT_LOG_HOSTS."""

    text = (
        "The log lies at {host}, which this bot may not contact, so it was not fetched."
        " If that host is right, ask whoever runs this bot to add it to VOXIMPLANT_LOG_HOSTS."
    )


class AddressRefused(HostRefused):
    """The name `host` is allowed, and every address that was `found` for it is not public."""

    text = (
        "By the name server here {host} is at {found}, which is no public address, so nothing was sent to it."
        " Ask whoever runs this bot: if its network translates addresses (NAT64), VOXIMPLANT_NAT64_PREFIX must name"
        " the prefix; if not, its name server answers wrongly."
    )

    def __init__(self, host: str, found: Sequence[IPv4Address | IPv6Address]) -> None:
        super().__init__(host)
        self.found = ", ".join(map(str, found))


class PlainHttpForbidden(NotSent):
    """The session has only an unencrypted URL and VOXIMPLANT_PLAIN_HTTP does not allow it here."""

    text = (
        "This session can only be reached without encryption, which the settings do not allow for this,"
        " so nothing was sent. Ask whoever runs this bot about VOXIMPLANT_PLAIN_HTTP."
    )


class NoUsableUrl(NotSent):
    """The session has no URL that could be used."""

    text = (
        "The bot holds no URL for this session, so nothing was sent."
        " Only the scenario itself, or the platform's support, can end it."
    )


class UnsendableText(NotSent):
    """A text holds half of a surrogate pair, which UTF-8 cannot carry."""

    text = (
        "The text holds half a character that cannot be sent, so nothing was sent."
        " Type it again without that character."
    )


class CredentialsUnusable(NotSent):
    """The platform's credentials could not be read; `reason` is a sentence without any secret.

    They are read once, at the start: the reader of the sentence runs the bot, or sits at its terminal.
    """

    text = "{reason} Nothing was sent to the platform. Correct it, or VOXIMPLANT_CREDENTIALS, which names it."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(PlatformError):  # noqa: N818 - it names an outcome
    """The platform refused: `code` is its number, `msg` its words without anything secret."""

    text = (
        'The platform refused (code {code}: "{msg}"), so nothing was done.'
        " Change what it names, or show the code to whoever runs this bot."
    )

    def __init__(self, code: int, msg: str) -> None:
        self.code = code
        self.msg = in_one_line(msg)
        super().__init__(code, self.msg)


class AuthenticationFailed(Refused):
    """The credentials are wrong (100)."""

    text = (
        "The platform does not accept this bot's credentials, so nothing was done."
        " Ask whoever runs this bot to renew them."
    )


class RoleMissing(Refused):
    """The service account lacks a role for this method (104)."""

    text = (
        "This bot's service account lacks the role for that, so nothing was done."
        " Ask whoever runs the platform account to grant it."
    )


class NoMoney(Refused):
    """The account's balance does not cover it (127)."""

    text = (
        "The platform account has not enough money, so nothing was done."
        " Top the account up, then try again; running sessions may end for the same reason."
    )


class AccountNotActivated(Refused):
    """The account is not activated (131)."""

    text = (
        "The platform account is not activated, so nothing was done."
        " Activate it in the platform's control panel, then try again."
    )


class UnknownRule(Refused):
    """No rule has this id or name (147, 156)."""

    text = (
        "The platform knows no such rule in this account, so nothing was done."
        " Look at the list of rules, then try again."
    )


class UnknownHistoryId(Refused):
    """No session of the account has this history id (150)."""

    text = (
        "The platform's history knows no session with that id, so nothing can be said about it."
        " A young session may not be there yet: look again in a minute."
    )


class BadParameter(Refused):
    """A parameter is invalid (257, 496)."""

    text = (
        'The platform found something in the request invalid (code {code}: "{msg}"), so nothing was done.'
        " Change it, then try again."
    )


class ConcurrencyLimit(Refused):
    """The account is at its limit of concurrent sessions or calls, of all its users (314)."""

    text = (
        "The platform account already runs as much at once as it may, so nothing was done."
        " Wait until something ends, or end something, then try again."
    )


class TryLater(Refused):
    """Too many requests or a busy platform (162, 340, 416, HTTP 429).

    `retry_after` is in seconds, or None when the platform did not say.
    """

    text = "The platform is too busy right now and did nothing. Try again {when}."

    def __init__(self, code: int, msg: str, retry_after: float | None = None) -> None:
        super().__init__(code, msg)
        self.retry_after = retry_after
        self.when = "in a minute" if retry_after is None else f"in {retry_after:g} s"


class RuleWithoutScenario(Refused):
    """The rule has no scenario to run (375)."""

    text = (
        "That rule has no scenario, so nothing was started. Attach one in the platform's control panel, then try again."
    )


class TokenRejected(Refused):
    """The token's form or lifetime is not accepted (447, 454)."""

    text = (
        "The platform does not accept the token this bot made, so nothing was done."
        " Ask whoever runs this bot to check its service account."
    )


class ClockSkew(Refused):
    """By the platform's clock our token is from the future, or over (455, 456)."""

    text = (
        "This bot's clock and the platform's differ too much, so nothing was done."
        " Ask whoever runs this bot to set its machine's clock right."
    )


class ProbablyRepeated(Refused):
    """The platform takes the request for a repetition of an earlier one (484, 515)."""

    text = (
        "The platform took this for a repetition of an earlier request and did nothing new."
        " Check what the earlier one did, then try again in a minute if you still need it."
    )


class OutcomeUnknown(PlatformError):  # noqa: N818 - it names an outcome
    """The request may have had an effect; only the session's history or its own behaviour can show it."""

    text = (
        "It is not known whether the request took effect, and it was not repeated."
        " Check what is running before you repeat it."
    )


class TimedOut(OutcomeUnknown):
    """The request left, and no whole answer came within `seconds`."""

    text = (
        "No answer came within {seconds:g} s, so it is not known whether the request took effect."
        " Check what is running before you repeat it."
    )

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class ConnectionBroken(OutcomeUnknown):
    """The connection ended before the whole answer was there."""

    text = (
        "The connection broke before the answer was there, so it is not known whether the request took"
        " effect. Check what is running before you repeat it."
    )


class NotUnderstood(OutcomeUnknown):
    """The answer is not one of the platform's; `status` is its HTTP status."""

    text = (
        "The answer (HTTP {status}) was not one the platform gives, so it is not known whether the request"
        " took effect. Check what is running before you repeat it."
    )

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class AnswerTooLarge(NotUnderstood):
    """The answer has more bytes than are read; what asks for a list may ask for less of it."""

    text = (
        "The platform's answer was too large to be read, so it is not known whether the request took effect."
        " Check what is running before you repeat it."
    )


class NoUrlGiven(NotUnderstood):
    """A start was answered without a usable session URL; `history_id` is there if it was named."""

    text = (
        "The platform answered without a URL for the session, so one may be running that nobody can reach"
        " from here. Nothing was repeated. Look into the platform's history before you start another."
    )

    def __init__(self, status: int, history_id: int | None) -> None:
        super().__init__(status)
        self.history_id = history_id


class PlatformFault(OutcomeUnknown):
    """The platform reports a failure of its own (1, 2, 4, 15, 16), perhaps after it acted."""

    text = (
        'The platform failed while working on it (code {code}: "{msg}"), so it is not known whether the'
        " request took effect. Check what is running before you repeat it."
    )

    def __init__(self, code: int, msg: str) -> None:
        self.code = code
        self.msg = in_one_line(msg)
        super().__init__(code, self.msg)


class Answered(OutcomeUnknown):
    """A session URL answered with `status`, which means neither "delivered" nor "gone"."""

    text = (
        "The session's server answered HTTP {status}, so the request arrived but may not have reached the"
        " scenario. It is not known whether it took effect; look at the session before you repeat it."
    )

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Redirected(Answered):
    """A session URL answered with a redirect, which was not followed: it could carry the URL elsewhere."""

    text = (
        "The session's server pointed to another place (HTTP {status}), which is never followed, so the"
        " request most likely did not reach the scenario. Look at the session before you repeat it."
    )


class LogNotGiven(OutcomeUnknown):
    """The address of a log answered `status`: a redirect, which is never followed, a refusal, a fault."""

    text = (
        "The platform's storage answered HTTP {status} instead of the log, so there is nothing to show."
        " Try again; if it stays like this, ask whoever runs this bot about its rights at the platform."
    )

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gone(PlatformError):  # noqa: N818 - it names an outcome
    """A session URL answered 404 or 410 (inferred: the session is over, or just starting)."""

    text = (
        "The platform knows no session at this URL (HTTP {status}), so the request reached no scenario."
        " Most likely the session has ended; its history will tell."
    )

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class LogGone(Gone):
    """There is no log at its address, yet or any more (facts: it is kept for about a month)."""

    text = (
        "The platform's storage holds no log of it (HTTP {status}). Right after a start it may still come;"
        " a month after the end it is gone."
    )


def refusal(code: int, msg: str) -> Refused | PlatformFault:
    """Return the error for a code of the platform (facts: its documented error codes)."""
    if code in PLATFORM_FAULTS:
        return PlatformFault(code, msg)
    if code == REPEAT_AFTER and (seconds := re.search(r"[0-9]{1,5}", msg)):
        return TryLater(code, msg, float(seconds[0]))
    return _BY_CODE.get(code, Refused)(code, msg)


_BY_CODE: dict[int, type[Refused]] = {
    100: AuthenticationFailed,
    104: RoleMissing,
    127: NoMoney,
    131: AccountNotActivated,
    147: UnknownRule,
    150: UnknownHistoryId,
    156: UnknownRule,
    162: TryLater,
    257: BadParameter,
    314: ConcurrencyLimit,
    340: TryLater,
    375: RuleWithoutScenario,
    416: TryLater,
    447: TokenRejected,
    454: TokenRejected,
    455: ClockSkew,
    456: ClockSkew,
    484: ProbablyRepeated,
    496: BadParameter,
    515: ProbablyRepeated,
}

_MSG_CHARACTERS = 200
# An answer may repeat what it was asked: addresses, and runs that look like a key, a token or a URL's path.
_SECRET = re.compile(r"\w+://\S+|[\w.+/=-]*/request/\S*|(?=[\w.+/=-]*\d)[\w.+/=-]{20,}")


def in_one_line(msg: str) -> str:
    """Return the platform's words without what may be secret in them, on one line and not too long."""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in msg[:1000]).split())
    return _SECRET.sub("…", one_line)[:_MSG_CHARACTERS]
