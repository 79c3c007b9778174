"""One connection to the platform: TCP or a tunnel, TLS, and HTTP/1.1 on it.

Requests go out here byte for byte: nothing is redirected, no cookie is kept, nothing is compressed, no proxy is taken
from the environment, and no line about a request is logged. The proxy of SESSION_BOT_PROXY is shown a host and a
port, never a URL.
"""

import asyncio
import re
import ssl
import string
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import quote, urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from bot.process.network import NO_ANSWER, NoTunnel, Proxy, address_of
from bot.voximplant.errors import (
    CannotConnect,
    CertificateUnverified,
    ConnectionRefused,
    PlatformError,
    ProxyInTheWay,
)

_NEXT_ADDRESS_S: Final = 0.25
"""The time after which the next address of a name is tried beside the first (RFC 8305)."""

_READ_AHEAD: Final = 64 * 1024
_LONGEST_HEAD: Final = 100 * 1024
_BREAK: Final = re.compile(r"[\r\n\0]")
_FINAL: Final = 200
_SAFE: Final = "".join(each for each in string.punctuation if each not in '"<>\\^`{|}')
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Route:
    """The way of a request: `address` is connected to, or `host`, of which TLS demands the certificate."""

    host: str
    port: int
    secure: bool
    address: str
    through: bool = False

    @property
    def authority(self) -> str:
        """Return host and port, as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"


def dissected(url: str, address: str | None, proxy: Proxy | None) -> tuple[Route, str]:
    """Return the route and the target (path and query) of a URL; with `address` the connection goes there."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    secure = parts.scheme == "https"
    route = Route(
        host=host,
        port=parts.port or _PORTS["https" if secure else "http"],
        secure=secure,
        address=address or host,
        through=proxy is not None and proxy.serves(host),
    )
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return route, quote(target, safe=_SAFE)


@dataclass(frozen=True)
class Head:
    """The head of a response; the names of `headers` are lower-case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)


class Connection(asyncio.Protocol):
    """A connection on which one request after another is made; `route` is where it leads, `uses` counts requests.

    The response is parsed as it comes, and read from the network only as fast as it is taken.
    """

    def __init__(self, route: Route) -> None:
        self.route = route
        self.uses = 0
        self._transport: asyncio.Transport | None = None
        self._response: _Response | None = None
        self._ended = False
        self._is_unasked = False
        self._problem: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None

    @property
    def is_usable(self) -> bool:
        """Return whether another request can be made on it: nothing came since the last one, not even its end."""
        return not (self._ended or self._is_unasked) and self._response is not None and self._response.may_be_followed

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a request. Raises ConnectionError for a line break in a header."""
        head = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        if self._transport is None or _BREAK.search("".join(head)):
            raise ConnectionError
        self.uses += 1
        self._response = _Response()
        self._transport.write("\r\n".join([*head, "", ""]).encode("ascii") + body)

    async def head(self) -> Head:
        """Return the head of the response. Raises OSError, as `body` does."""
        response = self._asked()
        while response.status == 0:
            if self._ended or response.is_broken:
                raise self._problem or ConnectionError()
            await self._more()
        return Head(response.status, response.headers)

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes; at its end the connection is ready for another request, if it may be kept."""
        response = self._asked()
        while True:
            if chunk := response.taken():
                yield chunk
            elif response.is_complete or (self._ended and not (self._problem or response.has_length)):
                return
            elif self._ended or response.is_broken:
                raise self._problem or ConnectionError()
            else:
                await self._more()

    def close(self) -> None:
        """Close it at once; whatever waits for an answer on it gets an end."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Receive the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came; what comes after an answer, or without a question, belongs to none."""
        if self._response is None or self._response.is_complete:
            self._is_unasked = True
        elif not self._response.feed(data) and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Record the end."""
        self._ended, self._problem = True, exc
        self._wake()

    def _asked(self) -> "_Response":
        if self._response is None:
            raise ConnectionError
        return self._response

    async def _more(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class _Response:
    """One response, by the callbacks of its parser; `status` is 0 until its head is complete."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.is_complete = False
        self.is_broken = False
        self._is_followed = False
        self._may_be_kept = False
        self._of_the_head = 0
        self._body = bytearray()
        self._parser = HttpResponseParser(self)

    @property
    def has_length(self) -> bool:
        """Return whether its end is told in it: else it ends with the connection."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    @property
    def may_be_followed(self) -> bool:
        """Return whether it is whole, the server keeps the connection, and nothing stood behind it."""
        return self.is_complete and self._may_be_kept and not (self._is_followed or self.is_broken)

    def feed(self, data: bytes) -> bool:
        """Parse some bytes; return False where so many wait to be taken that no more should be read."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.is_broken = True
        self._of_the_head += 0 if self.status else len(data)
        self.is_broken = self.is_broken or self._of_the_head > _LONGEST_HEAD
        return len(self._body) <= _READ_AHEAD

    def taken(self) -> bytes:
        """Return what came of the body since the last time."""
        taken, self._body = bytes(self._body), bytearray()
        return taken

    def on_message_begin(self) -> None:
        """Record that something follows it."""
        self._is_followed = self.is_complete

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header."""
        if not self.is_complete:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Record the status, but for those of HTTP that only announce another one."""
        status = self._parser.get_status_code()
        if self.is_complete:
            return
        if status < _FINAL:
            self.headers.clear()
        else:
            self.status = status

    def on_body(self, body: bytes) -> None:
        """Add to the body."""
        if not self.is_complete:
            self._body += body

    def on_message_complete(self) -> None:
        """Record its end."""
        if self.status:
            self.is_complete = True
            self._may_be_kept = self._may_be_kept or self._parser.should_keep_alive()


async def connect(route: Route, tls: ssl.SSLContext, proxy: Proxy | None, seconds: float) -> Connection:
    """Connect in so many seconds, TLS included; nothing is sent yet. Raises the kinds of NotSent."""
    loop, made = asyncio.get_running_loop(), Connection(route)
    secure, name = (tls, route.host.rstrip(".")) if route.secure else (None, None)
    # A race that is cut off leaves the winner's socket open (asyncio): an address needs none.
    delay = None if address_of(route.address) else _NEXT_ADDRESS_S
    tunnel, problem, transport = None, None, None
    try:
        async with asyncio.timeout(seconds):
            if route.through and proxy is not None:
                tunnel = await proxy.tunnel(route.address, route.port)
                transport, _ = await loop.create_connection(lambda: made, sock=tunnel, ssl=secure, server_hostname=name)
            else:
                transport, _ = await loop.create_connection(
                    lambda: made, route.address, route.port, ssl=secure, server_hostname=name,
                    happy_eyeballs_delay=delay,
                )  # fmt: skip
    except (OSError, ValueError) as error:  # ValueError: a name that is none
        problem = _problem(error, route, is_beyond_proxy=tunnel is not None)
    # Raised out here, so that the error carries no context.
    if transport is None:
        raise problem or CannotConnect(route.authority)
    return made


def _problem(error: Exception, route: Route, *, is_beyond_proxy: bool) -> PlatformError:
    """Return the kind of a failure before anything was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateUnverified(route.authority)
    if route.through and not is_beyond_proxy:
        return ProxyInTheWay(route.authority, str(error) if isinstance(error, NoTunnel) else NO_ANSWER)
    if isinstance(error, ConnectionRefusedError):
        return ConnectionRefused(route.authority)
    return CannotConnect(route.authority)
