"""The engine that runs scenarios: JavaScript sessions with the platform's events, calls and timers."""

from bot.sandbox.voximplant.engine._calls import Call, CallKind, EndedBy
from bot.sandbox.voximplant.engine._engine import Addresses, Engine, Origin, RunningScenario
from bot.sandbox.voximplant.engine._facts import (
    EndCause,
    FinishReason,
    HttpAnswer,
    SessionFacts,
    SessionOverError,
)
from bot.sandbox.voximplant.engine._http import Http, HttpRequestMade
from bot.sandbox.voximplant.engine._pool import Pool
from bot.sandbox.voximplant.engine._record import ErrorKind, Listener, LogLine, NotSimulated, ScenarioError
from bot.sandbox.voximplant.engine._session import ScenarioSession
from bot.sandbox.voximplant.engine._source import Place, Source
from bot.sandbox.voximplant.engine._storage import Storage
from bot.sandbox.voximplant.engine._syntax import syntax_problem

__all__ = [
    "Addresses", "Call", "CallKind", "EndCause", "EndedBy", "Engine", "ErrorKind", "FinishReason", "Http", "HttpAnswer",
    "HttpRequestMade", "Listener", "LogLine", "NotSimulated", "Origin", "Place", "Pool", "RunningScenario",
    "ScenarioError", "ScenarioSession", "SessionFacts", "SessionOverError", "Source", "Storage", "syntax_problem",
]  # fmt: skip
