"""The engine that runs scenarios: JavaScript sessions with the platform's events, calls and timers."""

from bot.sandbox.voximplant._call_settings import CallOutcome, CallSettings, InboundCall
from bot.sandbox.voximplant.engine._calls import Call, CallFailure, CallKind, EndedBy
from bot.sandbox.voximplant.engine._engine import Addresses, Engine, RunningScenario
from bot.sandbox.voximplant.engine._facts import (
    EndCause,
    Ending,
    FinishReason,
    HttpAnswer,
    Service,
    SessionFacts,
    SessionOverError,
)
from bot.sandbox.voximplant.engine._http import Http, HttpRequestMade
from bot.sandbox.voximplant.engine._pool import Pool
from bot.sandbox.voximplant.engine._record import ErrorKind, Listener, LogLine, NotSimulated, Record, ScenarioError
from bot.sandbox.voximplant.engine._session import ScenarioSession
from bot.sandbox.voximplant.engine._source import Place, Source
from bot.sandbox.voximplant.engine._storage import Storage
from bot.sandbox.voximplant.engine._syntax import SyntaxProblem, syntax_problem
from bot.sandbox.voximplant.engine._world import world

__all__ = [
    "Addresses", "Call", "CallFailure", "CallKind", "CallOutcome", "CallSettings", "EndCause", "EndedBy", "Ending",
    "Engine", "ErrorKind", "FinishReason", "Http", "HttpAnswer", "HttpRequestMade", "InboundCall", "Listener",
    "LogLine", "NotSimulated", "Place", "Pool", "Record", "RunningScenario", "ScenarioError", "ScenarioSession",
    "Service", "SessionFacts", "SessionOverError", "Source", "Storage", "SyntaxProblem", "syntax_problem", "world",
]  # fmt: skip
