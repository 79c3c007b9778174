"""The endpoints of operations: health, readiness and metrics."""

from bot.process.ops._metrics import Metrics
from bot.process.ops._server import BadAddress, OpsServer, PortTaken, address_problem

__all__ = ["BadAddress", "Metrics", "OpsServer", "PortTaken", "address_problem"]
