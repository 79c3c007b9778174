"""A company's proxy on the way out: one CONNECT tunnel per connection, to Slack and to the platform.

The proxy is given a host and a port, never a URL: the bytes in the tunnel are the same as without it, TLS
with the server's own certificate included. An unencrypted session URL goes through a tunnel, too, and not as the
request line that a proxy writes into its log. The proxy resolves the names.
"""

import asyncio
import re
import socket
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final
from urllib.parse import unquote, urlsplit

_ANSWER_WITHIN_S: Final = 8.0
"""The time limit of opening a tunnel without another one: less than that of Slack's calls."""

_LONGEST_ANSWER: Final = 16_384
_END: Final = b"\r\n\r\n"
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n")
_WANTS_TO_KNOW: Final = 407
_NOT_KNOWN: Final = "answered HTTP 407: it wants a user and a password, or others"
_NOTHING_SAID: Final = "closed the connection without an answer"
_ODD_ANSWER: Final = "answered with something else than a proxy's answer"

NO_ANSWER: Final = "gave no answer in time"

Write = Callable[[bytes], Awaitable[object]]
Read = Callable[[int], Awaitable[bytes]]


class NoTunnel(OSError):  # noqa: N818 - it names what there is not
    """The proxy gave no tunnel, so nothing was sent; the text continues "the proxy", and holds no secret."""


class Proxy:
    """A proxy by its URL, `http://[user:password@]host:port`, and the hosts that are reached without it.

    `exceptions` are names, `*.domain`, addresses and networks.
    """

    def __init__(self, url: str, exceptions: Iterable[str] = ()) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.port = parts.port or 0
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._suffixes = tuple(each[1:] for each in exceptions if each.startswith("*."))
        self._networks = tuple(network for each in exceptions if (network := _network(each)) is not None)
        self._names = frozenset(each for each in exceptions if not each.startswith("*."))

    def __repr__(self) -> str:
        return f"<Proxy {self.place}>"

    @property
    def place(self) -> str:
        """Host and port of the proxy, for texts."""
        return _authority(self.host, self.port)

    @property
    def secrets(self) -> Iterator[str]:
        """Yield the parts of the proxy's URL that no log may show."""
        if self._password:
            yield self._password
            yield self._proof

    def serves(self, host: str) -> bool:
        """Return whether a host, by name or literal address, is reached through the proxy."""
        host = host.lower().rstrip(".")
        try:
            address = ip_address(host)
        except ValueError:
            return not (host in self._names or host.endswith(self._suffixes))
        return not any(address in network for network in self._networks)

    async def ask(self, host: str, port: int, write: Write, read: Read) -> None:
        """Open a tunnel to `host` on a connection to the proxy (CONNECT). Raises NoTunnel."""
        target = _authority(host, port)
        proof = f"Proxy-Authorization: Basic {self._proof}\r\n" if self._user or self._password else ""
        await write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{proof}\r\n".encode("ascii"))
        answer = b""
        while _END not in answer:
            more = await read(4096)
            answer += more
            if not more:
                raise NoTunnel(_NOTHING_SAID)
            if len(answer) > _LONGEST_ANSWER:
                raise NoTunnel(_ODD_ANSWER)
        _check(answer)

    async def tunnel(self, host: str, port: int) -> socket.socket:
        """Open a connection to the proxy and a tunnel through it. Raises NoTunnel; the socket is the caller's."""
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                return await self._tunnel(host, port)
        except TimeoutError:
            raise NoTunnel(NO_ANSWER) from None
        except OSError as problem:
            raise tunnel_failure(problem) from None

    async def _tunnel(self, host: str, port: int) -> socket.socket:
        loop = asyncio.get_running_loop()
        opened = await self._connected()

        async def write(data: bytes) -> None:
            await loop.sock_sendall(opened, data)

        async def read(at_most: int) -> bytes:
            return await loop.sock_recv(opened, at_most)

        try:
            await self.ask(host, port, write, read)
        except BaseException:  # also when given up: the socket is nobody's then, and who waits gets the error
            opened.close()
            raise
        return opened

    async def _connected(self) -> socket.socket:
        """Connect to the first address of the proxy that takes a connection."""
        loop = asyncio.get_running_loop()
        problem = OSError()
        for family, kind, number, _, address in await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            opened = socket.socket(family, kind, number)
            try:
                opened.setblocking(False)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.sock_connect(opened, address)
            except OSError as refused:
                opened.close()
                problem = refused
            except BaseException:  # given up: the socket is nobody's then
                opened.close()
                raise
            else:
                return opened
        raise problem

    @property
    def _proof(self) -> str:
        return b64encode(f"{self._user}:{self._password}".encode()).decode("ascii")


def tunnel_failure(problem: BaseException) -> NoTunnel:
    """Return a NoTunnel for an error of the way to the proxy, or for its cause."""
    behind: BaseException | None = problem
    while behind is not None:
        if isinstance(behind, NoTunnel):
            return behind
        if isinstance(behind, socket.gaierror):
            return NoTunnel("cannot be found by its name")
        if isinstance(behind, ConnectionRefusedError):
            return NoTunnel("takes no connection")
        if isinstance(behind, BaseExceptionGroup):  # one for each address of the proxy
            behind = behind.exceptions[0]
        else:
            behind = behind.__cause__ or behind.__context__
    return NoTunnel(f"cannot be used ({type(problem).__name__})")


def _check(answer: bytes) -> None:
    """Check the answer to CONNECT: every 2xx is a tunnel, and no data may have come through it yet."""
    head, _, rest = answer.partition(_END)
    status = _STATUS.match(head + b"\r\n")
    number = int(status[1]) if status is not None else 0
    if number == _WANTS_TO_KNOW:
        raise NoTunnel(_NOT_KNOWN)
    is_tunnel = 200 <= number < 300  # noqa: PLR2004 - the successes of HTTP
    if not number or (is_tunnel and rest):
        raise NoTunnel(_ODD_ANSWER)
    if not is_tunnel:
        raise NoTunnel(f"answered HTTP {number}")


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text)
    except ValueError:
        return None
