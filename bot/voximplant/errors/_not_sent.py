"""Surely nothing reached the platform: trying again is safe."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

from bot.voximplant.errors._base import PlatformError


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
