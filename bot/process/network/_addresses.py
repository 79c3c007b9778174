"""Public addresses, those of IPv4 hosts in IPv6 form (NAT64) included.

A network without IPv4 reaches IPv4 hosts through a translator: its name server answers with IPv6 addresses that
hold the IPv4 one, under 64:ff9b::/96 or a prefix of the network's own (RFC 6052, RFC 8215). Such an address is
public if the IPv4 address inside it is.
"""

import functools
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

WELL_KNOWN_NAT64: Final = IPv6Network("64:ff9b::/96")
PUBLIC_IPV4: Final = "public-ipv4"
"""In VOXIMPLANT_SESSION_HOSTS: any public IPv4 address, written as one."""

_RESERVED_AT: Final = 8
"""The octet that holds nothing in every address under a prefix shorter than 96 bits (RFC 6052, section 2.2)."""

_OF_IPV4: Final = 4


def is_public(address: Address, nat64: Sequence[IPv6Network] = (WELL_KNOWN_NAT64,)) -> bool:
    """Return whether an address belongs to one host of the open internet, judged by the address alone.

    Under a prefix of `nat64` the IPv4 address inside decides. In every other embedding (mapped, 6to4, Teredo, a
    translator's unnamed prefix) an IPv4 address is not public: it could lead inside.
    """
    judged = translated(address, nat64)
    if isinstance(judged, IPv4Address):
        return judged.is_global and not judged.is_multicast and not any(judged in network for network in _SPECIAL_IPV4)
    return (
        judged is not None
        and judged in _GLOBAL_UNICAST
        and not any(judged in network for network in (*_SPECIAL_IPV6, *nat64))
    )


def translated(address: Address, nat64: Sequence[IPv6Network]) -> Address | None:
    """Return the IPv4 address inside one under a prefix, None where it holds none, and any other as it is."""
    for prefix in nat64:
        if isinstance(address, IPv6Address) and address in prefix:
            return _inside(address, prefix.prefixlen // 8)
    return address


def under(prefix: IPv6Network, address: IPv4Address) -> IPv6Address:
    """Return the IPv6 address by which a translator with this prefix reaches an IPv4 host."""
    at = prefix.prefixlen // 8
    octets = bytearray(prefix.network_address.packed[:at] + address.packed)
    if at <= _RESERVED_AT:
        octets.insert(_RESERVED_AT, 0)
    return IPv6Address(bytes(octets.ljust(16, b"\0")))


@functools.lru_cache(1_000)
def address_of(text: str) -> Address | None:
    """Read a text as an address; None for a name."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def _inside(address: IPv6Address, at: int) -> IPv4Address | None:
    octets = address.packed
    if at <= _RESERVED_AT:
        if octets[_RESERVED_AT]:
            return None
        octets = octets[:_RESERVED_AT] + octets[_RESERVED_AT + 1 :]
    return IPv4Address(octets[at : at + _OF_IPV4])


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
