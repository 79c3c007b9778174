"""The page's type-ahead with the bot's own catalogue: what is suggested, and what Enter would complete.

The page's modules run as they are, without a browser, in the engine that runs scenarios.
"""

import json
import re
from importlib import resources
from typing import Any, Final

import pytest
from quickjs import Context

from bot.cli.demo._commands import command_helps
from bot.verbs import VERBS

_MODULES: Final = (
    "text/escapes",
    "composer/typed_words",
    "composer/usage",
    "composer/sessions_seen",
    "composer/type_ahead",
)
_RULES: Final = [
    {"id": number, "name": name, "typed": typed, "application": "demo", "scenarios": ["one"]}
    for number, name, typed in (
        (1001, "obedient", "obedient"),
        (1002, "stuck", "stuck"),
        (1003, "my call", '"my call"'),
        (1004, 'a "quoted" name', "1004"),
    )
]
_CARDS: Final = ["🟢 #12 obedient – running", "🔴 #7 my call – stop not confirmed", "⚪ #3 stuck – ended"]
_STORE: Final = {
    "commands": [{"word": "/session", "verbs": [vars(each) for each in command_helps()]}],
    "scenarios": {"rules": _RULES},
    "workspace": {"bot": {"id": "U1", "name": "session-bot"}},
    "people": [{"id": "U2", "name": "ann", "about": "starter", "role": "member"}],
    "channel": "C1",
}


class TypeAhead:
    """The type-ahead of a person who sees three cards and four rules."""

    def __init__(self) -> None:
        scripts = resources.files("bot.sandbox.page") / "static" / "js"
        sources = [(scripts / f"{name}.js").read_text(encoding="utf-8") for name in _MODULES]
        code = "\n".join(re.sub(r"^import .*$|^export (?=function)", "", each, flags=re.MULTILINE) for each in sources)
        messages = [
            {"bot": True, "ts": str(place), "text": f"{card}\nStarted by ann"} for place, card in enumerate(_CARDS)
        ]
        self._context = Context()
        self._context.eval(f"const store = {json.dumps(_STORE)}; store.messages = () => {json.dumps(messages)}; {code}")

    def asked(self, typed: str, place: str = "channel") -> dict[str, Any]:
        """Return what is found for a text whose caret is at its end."""
        found: dict[str, Any] = json.loads(
            self._context.eval(f"JSON.stringify(complete({json.dumps(typed)}, '{place}'))")
        )
        return found

    def offered(self, typed: str) -> list[str]:
        """Return the text that each suggestion would make of this one."""
        found = self.asked(typed)
        return [typed[: found["from"]] + each["insert"] for each in found["items"]]

    def entered(self, typed: str) -> str | None:
        """Return what Enter makes of a text; None where it sends it as it is."""
        found = self.asked(typed)
        return (
            typed[: found["from"]] + found["items"][0]["insert"]
            if found["items"] and found["items"][0]["isSafe"]
            else None
        )


@pytest.fixture(scope="module")
def ahead() -> TypeAhead:
    """Return the type-ahead, which keeps nothing between two texts."""
    return TypeAhead()


def test_every_verb_is_offered_and_completed(ahead: TypeAhead) -> None:
    """Behind the command stand all verbs; the beginning of one, or one letter wrong in it, finds it."""
    assert ahead.offered("/session ") == [f"/session {verb.name} " for verb in VERBS]
    for verb in VERBS:
        assert f"/session {verb.name} " in ahead.offered(f"/session {verb.name[:-1]}")
        swapped = verb.name[:-2] + verb.name[-1] + verb.name[-2]
        assert f"/session {verb.name} " in ahead.offered(f"/session {swapped}")
        assert ahead.asked(f"/session {verb.name} ")["hint"]["usage"] == verb.usage


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("/", "/session "),
        ("/session sta", "/session start "),
        ("/session start ob", "/session start obedient "),
        ("/session start my", '/session start "my call" '),
        ('/session start "my c', '/session start "my call" '),
        ("/session help st", "/session help start "),
        ("/session list state=e", "/session list state=ended "),
        ("/session stop al", "/session stop all "),
        ("@session-bot sta", "@session-bot start "),
        ("hello @an", "hello @ann "),
    ],
)
def test_enter_completes_the_beginning_of_a_word(ahead: TypeAhead, typed: str, becomes: str) -> None:
    """What could not be sent as it is, and has an obvious end, gets that."""
    assert ahead.entered(typed) == becomes


@pytest.mark.parametrize(
    "typed",
    [
        "hello", "/session", "/session start", "/session start ", "/session start obedient", "/session start 100",
        '/session start obedient {"a": 1}', "/session stop 1", "/session stop 7 st", "/session stop all",
        "/session list", "/session list silent", "/session list rule=ob", "/session stop all older=3", "/session stpo",
        "/session find stuck", "/sesion list", "/session adopt \u2039session URL\u203a h42",
    ],
)  # fmt: skip
def test_enter_sends_what_can_be_sent_as_it_is(ahead: TypeAhead, typed: str) -> None:
    """No line that means something to the bot, and no number, is changed by Enter."""
    assert ahead.entered(typed) is None


def test_sessions_are_offered_where_an_id_is_due(ahead: TypeAhead) -> None:
    """Open ones first seen last, once each; those that are over where one starts or reads them again."""
    assert ahead.offered("/session stop ") == ["/session stop 7 ", "/session stop 12 ", "/session stop all "]
    assert ahead.offered("/session stop 7 ") == ["/session stop 7 12 "]
    assert ahead.offered("/session send my") == ["/session send 7 "]
    assert ahead.offered("/session again ") == ["/session again 3 "]
    assert ahead.offered("/session log ") == ["/session log 3 ", "/session log 7 ", "/session log 12 "]


def test_options_are_offered_with_their_values(ahead: TypeAhead) -> None:
    """Each option once, those of `stop` behind `all` alone, with the values that are known of each."""
    options = [each.rsplit(" ", 1)[1] for each in ahead.offered("/session list state=open ")]
    assert options == ["channel=", "rule=", "by=", "origin=", "silent="]
    assert ahead.offered("/session stop all origin=") == [
        "/session stop all origin=slack ",
        "/session stop all origin=elsewhere ",
    ]
    assert ahead.offered("/session list by=") == ["/session list by=me ", "/session list by=U2 "]
    assert '/session list rule="my call" ' in ahead.offered("/session list rule=")
    assert ahead.offered("/session start obedient ") == ["/session start obedient --max "]
    assert ahead.offered("/session send 7 --text st") == []
    assert ahead.asked("/session stop 7 x")["hint"]["usage"] == "stop <id>… [reason]"
    assert ahead.asked("/session stop all ")["hint"]["usage"].startswith("stop all [rule=…] ")


def test_a_thread_has_mentions_instead_of_commands(ahead: TypeAhead) -> None:
    """In a thread a slash offers the mention that the bot takes there, with what was typed of the command."""
    for typed, instead in (("/", "@session-bot "), ("/session stop 7", "@session-bot stop 7")):
        (item,) = ahead.asked(typed, "thread")["items"]
        assert (item["insert"], item["isSafe"]) == (instead, False)
