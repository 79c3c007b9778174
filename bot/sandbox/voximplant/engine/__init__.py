"""The engine that runs scenarios: JavaScript sessions with the platform's events, calls and timers."""

from bot.sandbox.voximplant.engine._calls import Call
from bot.sandbox.voximplant.engine._engine import Addresses, Engine, RunningScenario
from bot.sandbox.voximplant.engine._facts import FinishReason, SessionOverError
from bot.sandbox.voximplant.engine._session import ScenarioSession
from bot.sandbox.voximplant.engine._source import Source
from bot.sandbox.voximplant.engine._syntax import SyntaxProblem, syntax_problem

__all__ = [
    "Addresses", "Call", "Engine", "FinishReason", "RunningScenario", "ScenarioSession", "SessionOverError", "Source",
    "SyntaxProblem", "syntax_problem",
]  # fmt: skip
