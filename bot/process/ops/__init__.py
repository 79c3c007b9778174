"""What a process serves: ports that strangers reach, and the endpoints of operations: health, readiness, metrics."""

from bot.process.ops._listener import Listener
from bot.process.ops._server import BadAddress, OpsServer, PortTaken, address_problem

__all__ = ["BadAddress", "Listener", "OpsServer", "PortTaken", "address_problem"]
