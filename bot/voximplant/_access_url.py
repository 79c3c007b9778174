"""The URL that controls one running session: knowing it is the permission to steer or end the session."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from bot.voximplant._secret import Secret


class NotASessionUrl(ValueError):  # noqa: N818 - it names what the text is not, as the sentence does
    """A text that cannot be a session URL; `sentence` gives the reason and never shows the text."""

    def __init__(self, why: str) -> None:
        self.sentence = f"That is not a session URL: {why}. Nothing was sent to it."
        super().__init__(self.sentence)


class SessionUrl(Secret):
    """A session URL of good shape: `http(s)://host[:port]/request/…` or `…/request?id=…&token=…`.

    `host` is a lower-case name, a dotted IPv4 address or a bare IPv6 address (no brackets); it is not secret.
    Path and query are (facts: nothing else protects the session). Raises NotASessionUrl.
    """

    __slots__ = ("host", "port", "secure")

    def __init__(self, value: str) -> None:
        self.secure, self.host, self.port = _dissected(value)
        super().__init__(value)

    def reveal_at(self, path: str) -> str:
        """Return the URL with a checked suffix of its path, and a query, behind its own: `/stop?now=1`."""
        if not path:
            return self.reveal()
        suffix, _, added = path.partition("?")
        base, _, query = self.reveal().partition("?")
        if suffix:
            base = f"{base.rstrip('/')}{suffix}"
        queries = "&".join(filter(None, (query, added)))
        return f"{base}?{queries}" if queries else base


@dataclass(frozen=True)
class AccessUrls:
    """The URLs of a session that the platform named. `secure` is https, `plain` is http."""

    secure: SessionUrl | None
    plain: SessionUrl | None

    def __post_init__(self) -> None:
        if (self.secure and not self.secure.secure) or (self.plain and self.plain.secure):
            raise NotASessionUrl(_WRONG_SCHEME)

    def each(self) -> list[SessionUrl]:
        """Return the URLs that are not None."""
        return [url for url in (self.secure, self.plain) if url is not None]


_USER_NAME = "it carries a user name or an at sign"
# In words: written out as a pattern it would be taken for a URL, and hidden on its way to the person.
_WRONG_SHAPE = "it should begin with https:// and a host, and go on with the word request and two more parts"
_WRONG_HOST = "its host is neither a name nor an address in its usual form, or its port is wrong"
_WRONG_SCHEME = "it should be https where that is asked for, and http where not"

_LONGEST = 2048
# Characters that no parser, ours or a server's, reads in two ways; "\\", "@" and "%" are not among them.
_SEGMENT = r"/(?!\.{1,2}(?:[/?]|$))[A-Za-z0-9._~!$&()*+,;=:-]+"
_QUERY = r"[A-Za-z0-9._~!$&()*+,;=:/?-]"
_SHAPE = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    # The secret is in the path; in an older form of the URLs it is in the query: /request?id=…&token=… (facts).
    rf"/request(?:(?:{_SEGMENT})+/?(?:\?{_QUERY}*)?|/?\?{_QUERY}+)"
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # 2130706433, 0x7f.1, 127.1: addresses to some parsers
_LONGEST_NAME = 253
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def _dissected(value: str) -> tuple[bool, str, int]:
    if "@" in value:
        raise NotASessionUrl(_USER_NAME)
    match = _SHAPE.fullmatch(value)
    if match is None or len(value) > _LONGEST:
        raise NotASessionUrl(_WRONG_SHAPE)
    secure = match["scheme"] == "https"
    host = match["host"].lower()
    port = int(match["port"] or (443 if secure else 80))
    if not 0 < port < 2**16 or not _is_host(host):
        raise NotASessionUrl(_WRONG_HOST)
    return secure, host.strip("[]"), port


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _is_address(IPv6Address, host[1:-1])
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _is_address(IPv4Address, host)
    return len(host) <= _LONGEST_NAME and all(_LABEL.fullmatch(label) for label in labels)


def _is_address(kind: type[IPv4Address | IPv6Address], host: str) -> bool:
    try:
        kind(host)
    except ValueError:
        return False
    return True
