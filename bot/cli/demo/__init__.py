"""The embedded world, for a person at a terminal: the demo with its tour, and the sandbox without a bot."""

from bot.cli.demo._demo import demo
from bot.cli.demo._sandbox import SandboxOptions, sandbox

__all__ = ["SandboxOptions", "demo", "sandbox"]
