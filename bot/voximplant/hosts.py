"""Which hosts a session URL may lead to, and the addresses that were checked for one."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol

from bot.voximplant.errors import CannotConnect, HostRefused

PUBLIC_IPV4 = "public-ipv4"
DEFAULT_SESSION_HOSTS = f"*.voximplant.com,{PUBLIC_IPV4}"

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """Return every address the system knows for a name, best first. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Place(Protocol):
    """Where a URL leads: a lower-case name or an address, and a port."""

    @property
    def host(self) -> str:
        """The name, or the address without brackets."""

    @property
    def port(self) -> int:
        """The port."""


class HostRules:
    """The comma-separated patterns of VOXIMPLANT_SESSION_HOSTS.

    * `*.voximplant.com` - any name under it; each of its addresses must be public.
    * `public-ipv4` - any public IPv4 address written as such.
    * `localhost`, `10.0.0.7`, `::1` - exactly that name or address, public or not.

    Raises ValueError for a pattern that is none of these.
    """

    def __init__(
        self,
        patterns: str = DEFAULT_SESSION_HOSTS,
        *,
        resolve: Resolve = resolve,
        resolve_seconds: float = 3,
    ) -> None:
        words = {word.strip().lower() for word in patterns.split(",")} - {""}
        self._public_ipv4 = PUBLIC_IPV4 in words
        self._suffixes = tuple(word[1:] for word in words if word.startswith("*."))
        exact = {word for word in words - {PUBLIC_IPV4} if not word.startswith("*.")}
        self._addresses = {address for word in exact if (address := _address(word))}
        self._names = {word for word in exact if not _address(word)}
        self._resolve = resolve
        self._resolve_seconds = resolve_seconds
        for name in (*self._names, *(suffix[1:] for suffix in self._suffixes)):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is neither a host name, *.name, an address nor {PUBLIC_IPV4}")

    async def addresses(self, url: Place) -> tuple[Address, ...]:
        """Return the addresses a request to `url` may connect to, best first; each one was checked.

        Raises HostRefused, or CannotConnect when the name leads nowhere or not in time.
        """
        if not self.names(url):
            raise HostRefused(url.host)
        literal = _address(url.host)
        if literal is not None:
            return (literal,)
        found = await self._resolved(url)
        if url.host not in self._names and not all(is_public(address) for address in found):
            raise HostRefused(url.host)
        return found

    def names(self, url: Place) -> bool:
        """Whether a pattern fits the URL's host as it is written; a name's addresses are another matter."""
        literal = _address(url.host)
        if literal is not None:
            return literal in self._addresses or (self._public_ipv4 and _is_public_ipv4(literal))
        return url.host in self._names or url.host.endswith(self._suffixes)

    async def _resolved(self, url: Place) -> tuple[Address, ...]:
        texts: Sequence[str] = ()
        try:
            async with asyncio.timeout(self._resolve_seconds):
                texts = await self._resolve(url.host, url.port)
        except OSError:  # gaierror and TimeoutError are OSErrors; answered below, as an empty answer is
            pass
        if not texts:
            raise CannotConnect(url.host)
        return tuple(ip_address(text) for text in texts)


def is_public(address: Address) -> bool:
    """Whether an address belongs to one host of the open internet, told by the address alone.

    An IPv6 address that stands for an IPv4 one (mapped, NAT64, 6to4, Teredo) is not: it could lead inside.
    """
    if isinstance(address, IPv4Address):
        return _is_public_ipv4(address)
    return address in _GLOBAL_UNICAST and not any(address in network for network in _SPECIAL_IPV6)


def _is_public_ipv4(address: Address) -> bool:
    return (
        isinstance(address, IPv4Address)
        and address.is_global
        and not address.is_multicast
        and not any(address in network for network in _SPECIAL_IPV4)
    )


def _address(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")

# Named here because Python's own tables differ between its patch releases.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_SPECIAL_IPV6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "240.0.0.0/4",  # reserved, broadcast
    )
)
