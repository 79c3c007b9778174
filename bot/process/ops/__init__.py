"""The HTTP servers of a process: ports that strangers reach, and the endpoints of operations."""

from bot.process.ops._listener import Listener
from bot.process.ops._server import BadAddress, OpsServer, PortTaken, address_problem

__all__ = ["BadAddress", "Listener", "OpsServer", "PortTaken", "address_problem"]
