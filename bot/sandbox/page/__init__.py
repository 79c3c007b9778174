"""The embedded world as a web page: a workspace that feels like Slack, and a drawer with the platform behind it."""

from bot.sandbox.page._options import BotControl, CommandHelp, FirstStep, PageOptions, ScenarioCheck, ScenarioFile
from bot.sandbox.page._page import Page

__all__ = ["BotControl", "CommandHelp", "FirstStep", "Page", "PageOptions", "ScenarioCheck", "ScenarioFile"]
