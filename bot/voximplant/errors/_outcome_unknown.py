"""A byte may have been acted on: a start or a send is never repeated."""

from bot.voximplant.errors._base import PlatformError, in_one_line


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
