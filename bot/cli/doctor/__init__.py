"""`session-bot doctor`: checks of everything that the bot depends on."""

from bot.cli.doctor._doctor import doctor

__all__ = ["doctor"]
