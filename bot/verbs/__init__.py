"""The verbs: one module each, and the table for help, usage, synonyms and did-you-mean."""

from bot.verbs._again import Again
from bot.verbs._close import Close
from bot.verbs._did_you_mean import READ_ONLY_RIGHTS, find_meaning, takes_id
from bot.verbs._find import Find
from bot.verbs._help import offered_verbs, unknown_verb
from bot.verbs._list import NEXT_PAGE, List
from bot.verbs._lookup import find_session, thread_link, typed_refs
from bot.verbs._refresh import Refresh
from bot.verbs._rows import without_numbers_of
from bot.verbs._rules import Rules
from bot.verbs._selection import AllSessions, Stop, TheseSessions, stop_offer
from bot.verbs._send import Send, json_mistake
from bot.verbs._session_start import settle_start
from bot.verbs._start import data_problem
from bot.verbs._start_data import Start
from bot.verbs._table import BY_NAME, VERBS
from bot.verbs._version import Version

__all__ = [
    "BY_NAME", "NEXT_PAGE", "READ_ONLY_RIGHTS", "VERBS", "Again", "AllSessions", "Close", "Find", "List", "Refresh",
    "Rules", "Send", "Start", "Stop", "TheseSessions", "Version", "data_problem", "find_meaning", "find_session",
    "json_mistake", "offered_verbs", "settle_start", "stop_offer", "takes_id", "thread_link", "typed_refs",
    "unknown_verb", "without_numbers_of",
]  # fmt: skip
