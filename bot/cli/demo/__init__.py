"""The embedded world, for a person: the demo with its page and its tour, and the sandbox without a bot."""

from bot.cli.demo._demo import DemoOptions, demo
from bot.cli.demo._sandbox import SandboxOptions, sandbox

__all__ = ["DemoOptions", "SandboxOptions", "demo", "sandbox"]
