"""The client of the platform, and the only importer of httptools.

Start at `Management` (the account: rules, starts, history) and `SessionRequests` (one running session); both post
through `Lanes`, and every failure is a `PlatformError` of `bot.voximplant.errors`.
"""

from bot.voximplant._access_url import AccessUrls, NotASessionUrl, SessionUrl
from bot.voximplant._credentials import ApiKey, Credentials, load_credentials
from bot.voximplant._hosts import HostRules
from bot.voximplant._key_values import KEY_VALUE_PAGE, KeyValueItem, KeyValuePage
from bot.voximplant._lanes import Lanes
from bot.voximplant._lists import Rows
from bot.voximplant._logs import LOG_HOSTS, LogFile, LogFiles
from bot.voximplant._management import Application, HistoryRow, LogUrl, Management, Rule, ScenarioRef, Started
from bot.voximplant._scenarios import SCENARIO_NAME_CHARACTERS, SCENARIO_SOURCE_BYTES, Scenario, Scenarios
from bot.voximplant._session_headers import send_headers, stop_headers
from bot.voximplant._session_url import PlainHttp, SessionAnswer, SessionRequests
from bot.voximplant._stop_request import FORM, JSON, TEXT, Method, StopRequest, content_type_of, is_json, path_problem

__all__ = [
    "FORM", "JSON", "KEY_VALUE_PAGE", "LOG_HOSTS", "SCENARIO_NAME_CHARACTERS", "SCENARIO_SOURCE_BYTES", "TEXT",
    "AccessUrls", "ApiKey", "Application", "Credentials", "HistoryRow", "HostRules", "KeyValueItem", "KeyValuePage",
    "Lanes", "LogFile", "LogFiles", "LogUrl", "Management", "Method", "NotASessionUrl", "PlainHttp", "Rows", "Rule",
    "Scenario", "ScenarioRef", "Scenarios", "SessionAnswer", "SessionRequests", "SessionUrl", "Started", "StopRequest",
    "content_type_of", "is_json", "load_credentials", "path_problem", "send_headers", "stop_headers",
]  # fmt: skip
