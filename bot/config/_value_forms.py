"""The forms of values of settings, each with the text for an invalid one.

The text continues the variable's name to a sentence. It never repeats the value.
"""

import re
from collections.abc import Mapping
from ipaddress import IPv6Network, ip_address, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr

from bot.process.network import PUBLIC_IPV4
from storage.address import ESCAPED, ServerAddress

CHANNEL_ID = re.compile(r"[CGD][A-Z\d]{2,20}")
"""The form of an id at a terminal; `D…` is a direct message, which no setting can mean."""

COMMAND_NAME = r"/[a-z0-9_-]{1,31}"
"""Of names, the length is documented (facts: 32 with the /) and the letters are not: these are surely taken."""

COMMAND_NAME_WORDS = "up to 31 small letters (a to z), digits, - and _"

_PATH = re.compile(r"(?:~|\.\.?)?/[^\x00-\x1f{}]*|[\w. +-]+(?:/[\w. +-]+)*\.\w{1,8}")
_IN_OUR_WORDS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("string_too_short", "too_short"), "must not be empty"),
    "string_type": "must be a text in quotes",
}
_PROXY = re.compile(r"http://(?:[^\s/?#@:]*(?::[^\s/?#@]*)?@)?(?:[A-Za-z\d.-]+|\[[\da-fA-F:]+\]):[0-9]{1,5}/?")
_NAT64_LENGTHS = frozenset({32, 40, 48, 56, 64, 96})
_HOST_NAME = re.compile(r"(?:\*\.)?[a-z\d](?:[a-z\d-]*[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*")


def in_our_words(problem: Mapping[str, object]) -> str:
    """Return the text for one of pydantic's errors, which continues the variable's name."""
    own = str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return _IN_OUR_WORDS.get(str(problem["type"]), own)


def _like(pattern: str, otherwise: str) -> BeforeValidator:
    """Check a text's form; `otherwise` is the words."""

    def check(value: object) -> object:
        if isinstance(value, str) and not re.fullmatch(pattern, value):
            raise ValueError(otherwise)
        return value

    return BeforeValidator(check)


def file_or_server(value: object) -> object:
    """Return the address of a server that a text is, and any other value as it is."""
    address = ServerAddress.of(value) if isinstance(value, str) else None
    if address is not None and not address.is_clear:
        msg = f"must be an address whose parts can be told apart: {ESCAPED}"
        raise ValueError(msg)
    return address or value


def is_path(text: str) -> bool:
    """Return whether this is surely written as a path, and so may be shown: by its beginning, or its file ending."""
    return _PATH.fullmatch(text) is not None


def _service_url(url: str) -> str:
    """Check an https URL, or http on this machine: tokens and keys travel with every request to it."""
    form = re.fullmatch(r"(?P<scheme>https?)://[^\s/?#@]+(?:/[^\s?#]*)?", url)
    host = _host(url) if form else None
    if form is None or host is None:
        msg = "must be a URL like https://host/path, with no user, query or fragment"
        raise ValueError(msg)
    if form["scheme"] == "http" and not _is_loopback(host):
        msg = "must be https: plain http is for this machine only"
        raise ValueError(msg)
    return url


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its words may repeat the URL
        return None
    return None if port == 0 else parts.hostname


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _session_host(pattern: str) -> str:
    pattern = pattern.lower()
    if pattern != PUBLIC_IPV4 and not _HOST_NAME.fullmatch(pattern):
        try:
            ip_address(pattern)
        except ValueError:
            raise ValueError(f"must be a host, *.domain, an address or {PUBLIC_IPV4}") from None
    return pattern


def _proxy(url: object) -> object:
    """Check a proxy's URL; plain http is allowed, since what goes through it is encrypted."""
    if isinstance(url, str):
        host = _host(url) if _PROXY.fullmatch(url) else None
        if host is None or not (":" in host or _HOST_NAME.fullmatch(host)):
            msg = "must be http://host:port, or http://user:password@host:port with %40 for an @ in them"
            raise ValueError(msg)
    return url


def _exception(text: str) -> str:
    """Check a host that is reached without the proxy."""
    text = text.lower()
    if not _HOST_NAME.fullmatch(text):
        try:
            ip_network(text)
        except ValueError:
            msg = "must be a host, *.domain, an address or a network like 10.0.0.0/8"
            raise ValueError(msg) from None
    return text


def _nat64_prefix(text: object) -> object:
    """Read a translator's prefix: RFC 6052 has six lengths."""
    if not isinstance(text, str):
        return text
    try:
        prefix = IPv6Network(text)
    except ValueError:
        prefix = None
    if prefix is None or prefix.prefixlen not in _NAT64_LENGTHS:
        msg = "must be an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits, like 2001:db8:64::/96"
        raise ValueError(msg)
    return prefix


_Split = BeforeValidator(lambda value: [part for part in map(str.strip, value.split(",")) if part])
Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=0, le=65_535)]
Host = Annotated[str, _like(r"[^\s/:]+|[\da-fA-F:]+", "must be a host name or an address")]
Url = Annotated[str, BeforeValidator(_service_url)]
Positive = Annotated[int, Field(gt=0)]
Secret = Annotated[SecretStr, _like(r"[!-~]+", "must be one word of plain characters")]
BotToken = Annotated[SecretStr, _like(r"xoxb-[\w-]+", "must be a bot token: it starts with xoxb-")]
AppToken = Annotated[SecretStr, _like(r"xapp-[\w-]+", "must be an app-level token: it starts with xapp-")]
_FernetKey = Annotated[SecretStr, _like(r"[\w-]{43}=", "must be a Fernet key: 44 characters of URL-safe base64")]
Command = Annotated[str, _like(COMMAND_NAME, f"must start with /; then come {COMMAND_NAME_WORDS}")]
_Channel = Annotated[str, _like(r"[CG][A-Z\d]+", "must be a channel's id, like C0123456789")]
_Responder = Annotated[str, _like(r"[UWS][A-Z\d]+", "must be the id of a user or group, like U0123456789")]
SessionHosts = Annotated[tuple[Annotated[str, BeforeValidator(_session_host)], ...], _Split, Field(min_length=1)]
LogHosts = Annotated[tuple[Annotated[str, BeforeValidator(_session_host)], ...], _Split]
ProxyUrl = Annotated[SecretStr, BeforeValidator(_proxy)]
NoProxy = Annotated[tuple[Annotated[str, BeforeValidator(_exception)], ...], _Split]
Nat64Prefix = Annotated[IPv6Network, BeforeValidator(_nat64_prefix)]
Channels = Annotated[frozenset[_Channel], _Split]
Responders = Annotated[frozenset[_Responder], _Split]
AnnounceSecrets = Annotated[tuple[Secret, ...], _Split]
SecretKeys = Annotated[tuple[_FernetKey, ...], BeforeValidator(lambda value: value.replace(",", " ").split())]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper)]
