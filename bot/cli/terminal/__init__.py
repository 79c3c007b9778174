"""The verbs at a terminal, without Slack."""

from bot.cli.terminal._verbs import add_to

__all__ = ["add_to"]
