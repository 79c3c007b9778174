"""The endpoints of operations: health, readiness and metrics."""

from bot.process.ops._ops import BadAddress, Metrics, OpsServer, PortTaken, address_problem

__all__ = ["BadAddress", "Metrics", "OpsServer", "PortTaken", "address_problem"]
