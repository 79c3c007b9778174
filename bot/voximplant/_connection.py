"""One connection to the platform: TCP or a tunnel, TLS, and HTTP/1.1 on it.

Requests go out here byte for byte: nothing is redirected, no cookie is kept, nothing is compressed, no proxy is taken
from the environment, and no line about a request is logged. The proxy of SESSION_BOT_PROXY is shown a host and a
port, never a URL.
"""

import asyncio
import ssl
import string
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote, urlsplit

import h11

from bot.process.network import NO_ANSWER, NoTunnel, Proxy
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
    headers: Mapping[str, str]


class Connection:
    """A connection on which one request after another is made; `route` is where it leads, `uses` counts requests."""

    def __init__(self, route: Route, transport: asyncio.Transport, incoming: "_Incoming") -> None:
        self.route = route
        self.uses = 0
        self._transport = transport
        self._incoming = incoming
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LONGEST_HEAD)

    @property
    def is_usable(self) -> bool:
        """Return whether another request can be made on it: nothing came since the last one, not even its end."""
        is_idle = self._http.states[h11.CLIENT] is h11.IDLE and self._http.trailing_data == (b"", False)
        return is_idle and self._incoming.is_silent

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a request. Raises h11.ProtocolError."""
        self.uses += 1
        request = h11.Request(method=method, target=target, headers=list(headers.items()))
        parts = (self._http.send(each) for each in (request, h11.Data(body), h11.EndOfMessage()))
        self._transport.write(b"".join(filter(None, parts)))

    async def head(self) -> Head:
        """Return the head of the response. Raises OSError and h11.ProtocolError, as `body` does."""
        while not isinstance(event := await self._next(), h11.Response):
            pass
        headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in event.headers}
        return Head(event.status_code, headers)

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes; at its end the connection is ready for another request, if it may be kept."""
        while not isinstance(event := await self._next(), h11.EndOfMessage):
            yield bytes(cast("h11.Data", event).data)
        if self._http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
            self._http.start_next_cycle()

    def close(self) -> None:
        """Close it at once; whatever waits for an answer on it gets an end."""
        self._transport.abort()

    async def _next(self) -> h11.Event:
        while True:
            event = self._http.next_event()
            if event is h11.PAUSED:
                raise ConnectionError
            if event is not h11.NEED_DATA:
                return cast("h11.Event", event)
            self._http.receive_data(await self._incoming.read())


async def connect(route: Route, tls: ssl.SSLContext, proxy: Proxy | None, seconds: float) -> Connection:
    """Connect in so many seconds, TLS included; nothing is sent yet. Raises the kinds of NotSent."""
    loop, incoming = asyncio.get_running_loop(), _Incoming()
    secure, name = (tls, route.host.rstrip(".")) if route.secure else (None, None)
    tunnel, problem, transport = None, None, None
    try:
        async with asyncio.timeout(seconds):
            if route.through and proxy is not None:
                tunnel = await proxy.tunnel(route.address, route.port)
                transport, _ = await loop.create_connection(
                    lambda: incoming, sock=tunnel, ssl=secure, server_hostname=name
                )
            else:
                transport, _ = await loop.create_connection(
                    lambda: incoming, route.address, route.port, ssl=secure, server_hostname=name,
                    happy_eyeballs_delay=_NEXT_ADDRESS_S,
                )  # fmt: skip
    except (OSError, ValueError) as error:  # ValueError: a name that is none
        problem = _problem(error, route, is_beyond_proxy=tunnel is not None)
    # Raised out here, so that the error carries no context.
    if transport is None:
        raise problem or CannotConnect(route.authority)
    return Connection(route, transport, incoming)


def _problem(error: Exception, route: Route, *, is_beyond_proxy: bool) -> PlatformError:
    """Return the kind of a failure before anything was sent."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CertificateUnverified(route.authority)
    if route.through and not is_beyond_proxy:
        return ProxyInTheWay(route.authority, str(error) if isinstance(error, NoTunnel) else NO_ANSWER)
    if isinstance(error, ConnectionRefusedError):
        return ConnectionRefused(route.authority)
    return CannotConnect(route.authority)


class _Incoming(asyncio.Protocol):
    """The incoming bytes of a connection, received only as fast as they are read."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._came = bytearray()
        self._ended = False
        self._problem: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None

    @property
    def is_silent(self) -> bool:
        """Return whether it is open, and nothing came that was not read."""
        return not (self._ended or self._came)

    async def read(self) -> bytes:
        """Return what came, as soon as something has; empty at the end. Raises the connection's error."""
        if self.is_silent:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        came = bytes(self._came)
        self._came.clear()
        if self._transport is not None and not self._ended:
            self._transport.resume_reading()
        if not came and self._problem is not None:
            raise self._problem
        return came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        if len(self._came) > _READ_AHEAD and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self._problem = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
