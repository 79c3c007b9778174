"""The hosts a session URL may lead to, and their checked addresses."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Network, ip_address
from typing import Protocol

from bot.process.network import (
    PUBLIC_IPV4,
    WELL_KNOWN_NAT64,
    Address,
    Proxy,
    address_of,
    is_public,
    translated,
    under,
)
from bot.voximplant.errors import AddressRefused, CannotConnect, HostRefused

DEFAULT_SESSION_HOSTS = f"*.voximplant.com,{PUBLIC_IPV4}"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def resolve(host: str, port: int) -> list[str]:
    """Return every address the system knows for a name, best first. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Target(Protocol):
    """The target of a URL: a lower-case name or an address, and a port."""

    @property
    def host(self) -> str:
        """The name, or the address without brackets."""

    @property
    def port(self) -> int:
        """The port."""


class HostRules:
    """The comma-separated patterns of VOXIMPLANT_SESSION_HOSTS.

    * `*.voximplant.com` - any name under it; only its public addresses are used.
    * `public-ipv4` - any public IPv4 address written as such.
    * `localhost`, `10.0.0.7`, `::1` - exactly that name or address, public or not.

    `nat64` is a prefix under which this network reaches IPv4 hosts, besides the well-known one. Names that are
    reached through `proxy` are judged by the patterns alone: it is the proxy that resolves them. Raises ValueError
    for a pattern that is none of these.
    """

    def __init__(
        self,
        patterns: str = DEFAULT_SESSION_HOSTS,
        *,
        nat64: IPv6Network | None = None,
        proxy: Proxy | None = None,
        resolve: Resolve = resolve,
        resolve_seconds: float = 3,
    ) -> None:
        words = {word.strip().lower() for word in patterns.split(",")} - {""}
        self._public_ipv4 = PUBLIC_IPV4 in words
        self._suffixes = tuple(word[1:] for word in words if word.startswith("*."))
        exact = {word for word in words - {PUBLIC_IPV4} if not word.startswith("*.")}
        self._addresses = {address for word in exact if (address := address_of(word))}
        self._names = {word for word in exact if not address_of(word)}
        self._own_nat64 = nat64
        self._nat64 = (WELL_KNOWN_NAT64,) if nat64 is None else (nat64, WELL_KNOWN_NAT64)
        self._proxy = proxy
        self._resolve = resolve
        self._resolve_seconds = resolve_seconds
        for name in (*self._names, *(suffix[1:] for suffix in self._suffixes)):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is neither a host name, *.name, an address nor {PUBLIC_IPV4}")

    async def targets(self, url: Target) -> tuple[str, ...]:
        """Return the targets a request to `url` may connect to, best first: checked addresses, or its host as it is.

        The latter is for the proxy. Raises the errors of `addresses`.
        """
        if not self.is_behind_proxy(url):
            return tuple(map(str, await self.addresses(url)))
        if not self.matches(url):
            raise HostRefused(url.host)
        return (url.host,)

    def is_behind_proxy(self, url: Target) -> bool:
        """Return whether the URL's host is reached through the proxy."""
        return self._proxy is not None and self._proxy.serves(url.host)

    async def addresses(self, url: Target) -> tuple[Address, ...]:
        """Return the addresses a request to `url` may connect to, best first; each one was checked.

        Raises HostRefused; AddressRefused when the name has no address that may be used; CannotConnect when it
        cannot be resolved in time.
        """
        if not self.matches(url):
            raise HostRefused(url.host)
        literal = address_of(url.host)
        if literal is not None:
            return self._targets_of(literal)
        return self.usable(url, await self.resolved(url))

    def matches(self, url: Target) -> bool:
        """Return whether a pattern fits the URL's host as it is written; its addresses are checked elsewhere."""
        literal = address_of(url.host)
        if literal is None:
            return url.host in self._names or url.host.endswith(self._suffixes)
        if literal in self._addresses:
            return True
        meant = translated(literal, self._nat64)
        is_ours = isinstance(meant, IPv4Address) and (self._public_ipv4 or meant in self._addresses)
        return is_ours and self._is_public(literal)

    def usable(self, url: Target, found: tuple[Address, ...]) -> tuple[Address, ...]:
        """Return those of a name's addresses that may be used. Raises AddressRefused when there is none."""
        allowed = found if url.host in self._names else tuple(each for each in found if self._is_public(each))
        if not allowed:
            raise AddressRefused(url.host, found)
        return allowed

    def ipv4_behind(self, address: Address) -> IPv4Address | None:
        """Return the IPv4 host that a translator reaches by this IPv6 address, None for any other address."""
        meant = translated(address, self._nat64)
        return meant if isinstance(meant, IPv4Address) and meant != address else None

    async def resolved(self, url: Target) -> tuple[Address, ...]:
        """Return every address of the URL's name, unchecked. Raises CannotConnect when there is none in time."""
        texts: Sequence[str] = ()
        try:
            async with asyncio.timeout(self._resolve_seconds):
                texts = await self._resolve(url.host, url.port)
        except OSError:  # gaierror and TimeoutError are OSErrors; answered below, as an empty answer is
            pass
        if not texts:
            raise CannotConnect(url.host)
        return tuple(ip_address(text) for text in texts)

    def _is_public(self, address: Address) -> bool:
        return is_public(address, self._nat64)

    def _targets_of(self, literal: Address) -> tuple[Address, ...]:
        """Return an address as it is and, where the network has a translator, its translated form."""
        if self._own_nat64 is None or not isinstance(literal, IPv4Address) or not self._is_public(literal):
            return (literal,)
        return (literal, under(self._own_nat64, literal))


_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
