"""Searches over texts and bytes from outside: each reader answers, or raises its own error and no other."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from bot.directory import ClaimChecks
from bot.ports._errors import Answerable
from bot.slack.inbound._payload import MalformedPayload
from bot.slack.inbound._reader import read
from bot.slack.render import render_fallback, render_mrkdwn
from bot.text import BadJson, foreign, understand
from bot.verbs import VERBS
from bot.voximplant import HostRules
from bot.voximplant import _answers as answers
from bot.voximplant._fields import UnreadableField
from tests.text.texts_and_functions import FUNCTIONS, SEEDS, quiet

_PARTS: Final = st.one_of(
    st.sampled_from(SEEDS), st.text(max_size=8), st.sampled_from(["stop ", "7", "all", "<!here>"])
)
TEXTS: Final = st.lists(_PARTS, max_size=30).map("".join)
_KEYS: Final = (
    "type", "command", "team_id", "user_id", "user", "channel", "actions", "view", "event", "result", "error", "code",
    "finish_reason", "call_session_history_id", "active", "duration", "start_date", "v", "session", "url", "beat",
)  # fmt: skip
_JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS) | TEXTS, inner, max_size=6),
    max_leaves=20,
)
_CLAIMS: Final = ClaimChecks(hosts=HostRules("*.voximplant.com"))
_NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_PINGS: Final = ("<!channel", "<!here", "<!everyone", "<@U", "<#C", "<!subteam")


@given(TEXTS)
def _functions(text: str) -> None:
    for function in FUNCTIONS.values():
        quiet(function)(text)


@given(TEXTS)
def _verbs(text: str) -> None:
    for verb in VERBS:
        with contextlib.suppress(Answerable):
            verb.read(text)


@given(TEXTS)
def _rendering(text: str) -> None:
    words = foreign(text)
    for shown in (render_mrkdwn(words), render_fallback(words, 300)):
        assert not any(ping in shown for ping in _PINGS), shown


@given(TEXTS)
def _json(text: str) -> None:
    with contextlib.suppress(BadJson):
        understood = understand(text)
        assert understand(understood.body.decode()).body == understood.body


@given(_JSON)
def _payloads(body: Any) -> None:
    with contextlib.suppress(MalformedPayload):
        read(body)


@given(st.binary(max_size=300) | TEXTS.map(lambda text: text.encode("utf-8", "replace")), _JSON)
def _platform(body: bytes, rows: Any) -> None:
    answers.started(body)
    _CLAIMS.of_text(body.decode("utf-8", "replace"), now=_NOW)
    with contextlib.suppress(UnreadableField):
        answers.page({"result": rows}, answers.history_row, "call_session_history_id")


SEARCHES: Final[dict[str, Callable[[], None]]] = {
    "functions over text": _functions,
    "arguments of verbs": _verbs,
    "rendering": _rendering,
    "JSON to send": _json,
    "payloads": _payloads,
    "answers of the platform": _platform,
}
"""By name, each with its strategies."""
