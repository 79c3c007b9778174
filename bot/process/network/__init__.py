"""The network of this process: ports that strangers reach, and the proxy on the way out."""

from bot.process.network._listener import Listener
from bot.process.network._proxy import NO_ANSWER, NoTunnel, Proxy, tunnel_failure

__all__ = ["NO_ANSWER", "Listener", "NoTunnel", "Proxy", "tunnel_failure"]
