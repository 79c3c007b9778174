"""The HTTP servers of a process: ports that strangers reach, and the endpoints of operations."""

from bot.process.ops._listener import CannotListen, Listener, PortTaken
from bot.process.ops._server import Check, Fact, OpsServer

__all__ = ["CannotListen", "Check", "Fact", "Listener", "OpsServer", "PortTaken"]
