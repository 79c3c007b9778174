"""The network of this process: public addresses, and the proxy on the way out."""

from bot.process.network._addresses import (
    PUBLIC_IPV4,
    WELL_KNOWN_NAT64,
    Address,
    address_of,
    is_public,
    translated,
    under,
)
from bot.process.network._proxy import NO_ANSWER, NoTunnel, Proxy, tunnel_failure

__all__ = [
    "NO_ANSWER", "PUBLIC_IPV4", "WELL_KNOWN_NAT64", "Address", "NoTunnel", "Proxy", "address_of", "is_public",
    "translated", "tunnel_failure", "under",
]  # fmt: skip
