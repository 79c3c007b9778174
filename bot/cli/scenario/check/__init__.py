"""`session-bot scenario check`: whether a stop ends a rule's scenarios, found out by running them."""

from bot.cli.scenario.check._command import check_account, check_files, check_sources
from bot.cli.scenario.check._options import Options, typed_stop

__all__ = ["Options", "check_account", "check_files", "check_sources", "typed_stop"]
