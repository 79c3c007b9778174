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
    SessionFault,
    Side,
    Slow,
    Status,
)
from bot.sandbox.voximplant._management import METHODS
from bot.sandbox.voximplant._media import Delivery
from bot.sandbox.voximplant._method import ApiRequest
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant._own_rule import (
    CannotMakeRule,
    UnfitRuleName,
    add_own_rule,
    free_rule_name,
    is_typable,
    scenario_name_of,
)
from bot.sandbox.voximplant._platform import Platform
from bot.sandbox.voximplant.engine import (
    Call,
    FinishReason,
    LogLine,
    Origin,
    RunningScenario,
    ScenarioSession,
    Source,
    syntax_problem,
)

__all__ = [
    "METHODS", "Account", "ApiRequest", "Call", "CallOutcome", "CallSettings", "CannedAnswer", "CannotMakeRule",
    "Delivery", "Edit", "Error", "Fault", "FinishReason", "Hang", "Html", "InboundCall", "LogLine", "Origin",
    "Platform", "PlatformOptions", "Redirect", "Reset", "Rule", "RunningScenario", "ScenarioSession", "SessionFault",
    "Side", "Slow", "Source", "Status", "UnfitRuleName", "add_own_rule", "default_account", "free_rule_name",
    "is_typable", "scenario_name_of", "shipped_scenario", "syntax_problem",
]  # fmt: skip
