"""A local Voximplant: the platform for the demo and for tests."""

from bot.sandbox.voximplant._account import Account, Rule, default_account, shipped_scenario
from bot.sandbox.voximplant._answers import CannedAnswer
from bot.sandbox.voximplant._call_settings import CallOutcome, CallSettings, InboundCall
from bot.sandbox.voximplant._faults import (
    Edit,
    Error,
    Fault,
    Hang,
    Html,
    Redirect,
    Reset,
    Slow,
    Status,
)
from bot.sandbox.voximplant._management import METHODS
from bot.sandbox.voximplant._method import ApiRequest
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant._platform import Platform
from bot.sandbox.voximplant.engine import FinishReason, ScenarioSession, syntax_problem

__all__ = [
    "METHODS", "Account", "ApiRequest", "CallOutcome", "CallSettings", "CannedAnswer", "Edit", "Error", "Fault",
    "FinishReason", "Hang", "Html", "InboundCall", "Platform", "PlatformOptions", "Redirect", "Reset", "Rule",
    "ScenarioSession", "Slow", "Status", "default_account", "shipped_scenario", "syntax_problem",
]  # fmt: skip
