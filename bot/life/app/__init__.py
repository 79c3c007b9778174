"""The bot itself, which loads Slack's libraries: built, started and drained."""

from bot.life.app._app import Bot

__all__ = ["Bot"]
