"""The world outside, embedded: a local Slack and a local Voximplant. They speak HTTP and know nothing of the bot."""

from bot.sandbox._certificates import Certificates

__all__ = ["Certificates"]
