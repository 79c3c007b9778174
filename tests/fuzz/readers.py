"""The readers of what comes from outside: each reads any input, or raises its own error and no other."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, Final, cast

from hypothesis import strategies as st

from bot.access import NotDisclosed, SlackUnavailable
from bot.directory import ClaimChecks
from bot.ports._errors import Answerable
from bot.process import Clock
from bot.slack.api import SlackFacts, WebClient
from bot.slack.inbound import _filled_forms as forms
from bot.slack.inbound import _mentions as mentions
from bot.slack.inbound._http import parse_body
from bot.slack.inbound._payload import MalformedPayload
from bot.slack.inbound._reader import read
from bot.slack.render import render_fallback, render_mrkdwn
from bot.text import BadJson, foreign, typed_text, understand
from bot.verbs import VERBS
from bot.voximplant import HostRules
from bot.voximplant._credentials import ApiKey
from bot.voximplant._lanes import Lane, Reply
from bot.voximplant._management import Management
from bot.voximplant.errors import PlatformError
from tests.fuzz.bent import ANYTHING, bent
from tests.fuzz.samples import ANSWERS, CLAIM, FACTS, PAYLOADS
from tests.text.texts_and_functions import FUNCTIONS, SEEDS, quiet

_PARTS: Final = st.one_of(
    st.sampled_from(SEEDS), st.text(max_size=8), st.sampled_from(["stop ", "7", "all", "<!here>"])
)
TEXTS: Final = st.lists(_PARTS, max_size=30).map("".join)
_CLAIMS: Final = ClaimChecks(hosts=HostRules("*.voximplant.com"))
_SIGNED: Final = ClaimChecks(hosts=HostRules("*.voximplant.com"), secrets=(b"agreed",))
_NOW: Final = datetime(2026, 3, 1, tzinfo=UTC)
_PINGS: Final = ("<!channel", "<!here", "<!everyone", "<@U", "<#C", "<!subteam")


@dataclass(frozen=True)
class Reader:
    """A reader and its inputs, which JSON can hold; it returns, or raises what nobody should see.

    `samples` are inputs as they should be.
    """

    inputs: st.SearchStrategy[Any]
    read: Callable[[Any], object]
    samples: Sequence[Any] = ()


def _functions(text: str) -> None:
    for function in FUNCTIONS.values():
        quiet(function)(text)


def _verbs(text: str) -> None:
    for verb in VERBS:
        with contextlib.suppress(Answerable):
            verb.read(text)


def _rendering(text: str) -> None:
    words = foreign(text)
    for shown in (render_mrkdwn(words), render_fallback(words, 300)):
        assert not any(ping in shown for ping in _PINGS), shown


def _json(text: str) -> None:
    with contextlib.suppress(BadJson):
        understood = understand(text)
        assert understand(understood.body.decode()).body == understood.body


def _payload(body: Any) -> None:
    with contextlib.suppress(MalformedPayload):
        payload = read(body)
        texts = (payload.name, payload.team, payload.channel, payload.person, payload.text, payload.key)
        others = (payload.message, payload.trigger, payload.response_url, *payload.homes)
        assert all(isinstance(each, str) for each in (*texts, *others))
        assert isinstance(payload.is_shared, bool)
        if payload.event.said:
            mentions.read(typed_text(payload.event.said), "UB", mentions.Owner(1), "/session")
        if payload.view is not None:
            forms.filled(payload.view)
            of = forms.editor_of(payload.view, ["a"])
            if of is not None:
                forms.typed(payload.view, of)
                forms.is_text(payload.view, of)
            forms.chosen_preset(payload.action, ["a"])


def _body(text: str) -> None:
    for content_type in ("application/json", "application/x-www-form-urlencoded", ""):
        with contextlib.suppress(MalformedPayload):
            parse_body(text, content_type)


def _written(value: Any) -> str:
    try:
        return json.dumps(value)
    except RecursionError:
        return "[" * 5_000


def _claim(value: Any) -> None:
    text = value if isinstance(value, str) else _written(value)
    for checks in (_CLAIMS, _SIGNED):
        checks.of_text(text, now=_NOW)
        checks.of_row("session-bot:7", text, application_id=3, application_name="calls", now=_NOW)


class _OneAnswer:
    """A lane whose every answer is the same."""

    def __init__(self, body: bytes) -> None:
        self._reply = Reply(200, {"date": "x"}, body, timedelta(), None, len(body))

    async def request(self, *_: object, **__: object) -> Reply:
        return self._reply


_Asking = Callable[[Management], Awaitable[object]]


def _answer(ask: _Asking, value: Any) -> None:
    body = value.encode("latin-1", "replace") if isinstance(value, str) else _written(value).encode()
    lane = cast("Lane", _OneAnswer(body))

    async def asked() -> None:
        with contextlib.suppress(PlatformError):
            await ask(Management("https://x.dev", ApiKey(1, "k"), lane, announcements=lane))

    asyncio.run(asked())


_ASKED: Final[Mapping[str, _Asking]] = {
    "start": lambda platform: platform.start_scenarios(1, "x"),
    "history": lambda platform: platform.call_history([7], calls=True, costs=True),
    "applications": lambda platform: platform.applications(),
    "rules": lambda platform: platform.rules(3, "calls"),
    "account": lambda platform: platform.account(),
    "items": lambda platform: platform.key_values.items(3, 0),
    "item": lambda platform: platform.key_values.item(3, "session-bot:7"),
    "scenarios": lambda platform: platform.scenarios.all(),
    "error": lambda platform: platform.scenarios.delete(5),
}
"""By the sample that answers it."""


class _OneFact(WebClient):
    """A client of Slack whose every answer is the same."""

    def __init__(self, answer: Any) -> None:
        super().__init__(token="xoxb-1")
        self._answer = answer

    async def api_call(self, *_: object, **__: object) -> Any:
        return SimpleNamespace(data=self._answer, headers={}, get=self._get)

    def _get(self, name: str, default: Any = None) -> Any:
        return self._answer.get(name, default)


def _facts(answer: Any) -> None:
    async def ask() -> None:
        facts = SlackFacts(_OneFact(answer), Clock())
        for each in (facts.person("U1"), facts.channel("C1"), facts.group("S1")):
            with contextlib.suppress(SlackUnavailable, NotDisclosed):
                await each

    asyncio.run(ask())


_TEXT_OF: Final = TEXTS | st.text(max_size=30)
READERS: Final[Mapping[str, Reader]] = {
    "functions over text": Reader(TEXTS, _functions),
    "arguments of verbs": Reader(TEXTS, _verbs),
    "rendering": Reader(TEXTS, _rendering),
    "JSON to send": Reader(TEXTS, _json),
    "payloads of Slack": Reader(bent(*PAYLOADS) | ANYTHING, _payload, PAYLOADS),
    "bodies of Slack": Reader(_TEXT_OF | bent(*PAYLOADS).map(_written), _body, tuple(map(_written, PAYLOADS))),
    "answers of Slack": Reader(bent(*FACTS), _facts, FACTS),
    "announcements": Reader(bent(CLAIM) | _TEXT_OF, _claim, (CLAIM,)),
    **{
        f"answer of the platform, {name}": Reader(bent(answer) | _TEXT_OF, partial(_answer, _ASKED[name]), (answer,))
        for name, answer in ANSWERS.items()
    },
}
"""By name, as their saved inputs are."""
