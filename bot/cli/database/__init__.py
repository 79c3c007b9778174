"""The commands for the database itself: its audit, backups, copies, and what is forgotten of it."""

from bot.cli.database._commands import add_to

__all__ = ["add_to"]
