"""Nothing was done: the platform said no, with a code, or nobody is there."""

import re

from bot.voximplant.errors._base import PlatformError, in_one_line
from bot.voximplant.errors._outcome_unknown import PlatformFault

REPEAT_AFTER = 416  # facts: "repeat after N s"
PLATFORM_FAULTS = frozenset({1, 2, 4, 15, 16})


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
