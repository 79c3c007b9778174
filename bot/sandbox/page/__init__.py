"""The embedded world as a web page: a workspace that feels like Slack, and a drawer with the platform behind it."""

from bot.sandbox.page._extension import Extension, Handler, Malformed, Problem
from bot.sandbox.page._options import BotControl, CommandHelp, FirstStep, PageOptions, ScenarioCheck, ScenarioFile
from bot.sandbox.page._page import Page

__all__ = [
    "BotControl", "CommandHelp", "Extension", "FirstStep", "Handler", "Malformed", "Page", "PageOptions", "Problem",
    "ScenarioCheck", "ScenarioFile",
]  # fmt: skip
