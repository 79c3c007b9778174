"""The sources of scenarios, read without running them: what they listen to, in which language, and what may stop them.

Pure, and own: a scan that knows code from comments, strings and patterns, and no parser.
"""

from bot.cli.scenario.check.source._candidates import MOST, candidates
from bot.cli.scenario.check.source._code import Spot
from bot.cli.scenario.check.source._dialect import Dialect
from bot.cli.scenario.check.source._excerpt import excerpt
from bot.cli.scenario.check.source._hints import syntax_hint
from bot.cli.scenario.check.source._look import Look, look
from bot.cli.scenario.check.source._safety import SafetyTimer

__all__ = ["MOST", "Dialect", "Look", "SafetyTimer", "Spot", "candidates", "excerpt", "look", "syntax_hint"]
