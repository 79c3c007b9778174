"""`session-bot doctor`: each part of what this bot stands on, examined."""

from bot.cli.doctor._doctor import doctor

__all__ = ["doctor"]
