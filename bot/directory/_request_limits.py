"""The number of requests that the inbox takes: from one address, and from all together.

Each is a bucket that holds a burst and fills at a rate. An address is what the connection comes from: behind a proxy
that is the proxy's, for all sessions.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Limit:
    """A number of requests at once, and per second from then on."""

    burst: float
    per_second: float


PER_ADDRESS: Final = Limit(burst=500, per_second=50)
"""One media server may run hundreds of sessions, which a bulk stop ends at once."""

IN_ALL: Final = Limit(burst=1_000, per_second=100)
"""So many requests cost a few percent of a core."""

MOST_ADDRESSES: Final = 1_024
_IPV6_NETWORK: Final = 64
"""Bits. Whoever has one IPv6 address has the rest of its network, too."""


class RequestLimits:
    """The buckets. Addresses that were not heard of for longest are forgotten first: there is room for a thousand."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._in_all = _Bucket(IN_ALL, seconds())
        self._by_address: OrderedDict[str, _Bucket] = OrderedDict()

    def allows(self, address: str) -> bool:
        """Return whether one more request from an address is taken, and count it if so."""
        now, origin = self._seconds(), _origin(address)
        bucket = self._by_address.pop(origin, None) or _Bucket(PER_ADDRESS, now)
        self._by_address[origin] = bucket
        if len(self._by_address) > MOST_ADDRESSES:
            self._by_address.popitem(last=False)
        return bucket.take(now) and self._in_all.take(now)


class _Bucket:
    def __init__(self, limit: Limit, now: float) -> None:
        self._limit = limit
        self._left = limit.burst
        self._at = now

    def take(self, now: float) -> bool:
        """Return whether there is one left, and take it."""
        self._left = min(self._limit.burst, self._left + (now - self._at) * self._limit.per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def _origin(address: str) -> str:
    """Return the address, or the network of an IPv6 one."""
    try:
        known = ipaddress.IPv6Address(address)
    except ValueError:
        return address
    return str(known.ipv4_mapped or ipaddress.IPv6Network((known, _IPV6_NETWORK), strict=False))
