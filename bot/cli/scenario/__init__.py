"""`session-bot scenario`: the customer's scenarios, and the kit that makes them stoppable."""

from bot.cli.scenario._commands import scenario

__all__ = ["scenario"]
