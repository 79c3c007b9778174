"""What a session answers, as its thread shows it."""

import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from bot.text._answer_text import masked_values, show_answer

SENT = '{"user": {"pin": "48151", "name": "Bo"}, "tokens": ["abc-9", 62342], "otp": true, "cvv": 12}'


@pytest.mark.parametrize(
    "answer",
    [
        SENT,
        json.dumps(SENT),
        json.dumps({"received": SENT}),
        json.dumps({"received": json.dumps({"again": SENT})}),
        f"I got {SENT}",
        "pins: 48151, 62342 and abc-9.",
        '{"list": ["48151", 62342, "abc-9"]}',
        '"abc-9" 48151 62342',
    ],
)
def test_what_was_masked_is_masked_in_its_echo(answer: str) -> None:
    """A value that is not shown of what was sent is not shown of what comes back, wherever it stands."""
    text = show_answer(answer, secrets=(), sent=[SENT])
    for value in ("48151", "62342", "abc-9"):
        assert value not in text
    assert "•••" in text


VALUES = ["4711", "hunter2x", 'pa"ss\\w', "pässwört", "a b c d1", "line\nbreak", "open/+&=", "x\U0001f600yz9", "'q'u'"]
BODIES: dict[str, Callable[[str], str]] = {
    "under its name": lambda value: json.dumps({"pin": value}),
    "in JSON in JSON": lambda value: json.dumps({"cmd": json.dumps({"pin": value})}),
    "in JSON in JSON in JSON": lambda value: json.dumps([json.dumps({"b": json.dumps([{"pin": value}])})]),
    "deep": lambda value: json.dumps({"auth": {"a": [{"b": value}]}}),
}
ECHOES: dict[str, Callable[[str], str]] = {
    "as it is": lambda value: f"got {value}.",
    "JSON": lambda value: json.dumps({"got": value}),
    "JSON as JavaScript writes it": lambda value: json.dumps({"got": value}, ensure_ascii=False),
    "JSON in JSON": lambda value: json.dumps({"e": json.dumps({"got": value})}),
    "JSON in JSON in JSON": lambda value: json.dumps([json.dumps({"f": json.dumps([value])})]),
    "large escapes": lambda value: "".join(f"\\u{ord(c):04X}" if c > "~" and ord(c) < 0xFFFF else c for c in value),
    "a URL": lambda value: f"/x?v={quote(value, safe='')}&w",
    "a form": lambda value: f"v={quote_plus(value)}&w",
    "HTML": lambda value: f"<b>{html.escape(value)}</b>",
    "Python": lambda value: repr({"got": value}),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("value", VALUES)
def test_a_masked_value_is_masked_however_it_comes_back(
    value: str, echo: Callable[[str], str], body: Callable[[str], str]
) -> None:
    """Escaped once or more often, in a URL or in HTML: of what was masked nothing is read."""
    text = show_answer(echo(value), secrets=(), sent=[body(value)])
    assert "•••" in text
    assert not {each for each in re.findall(r"\w{3,}", value) if each in text}


def test_a_number_is_masked_as_a_scenario_writes_it() -> None:
    """12.50 comes back as 12.5, and 4711.0 as 4711."""
    text = show_answer("[12.5, 4711]", secrets=(), sent=['{"pin": 12.50, "card": 4711.0}'])
    assert text == "[•••, •••]"


def test_what_is_masked_in_data_that_is_no_json_is_masked_in_an_echo() -> None:
    """The data of a start may be any text; what follows a telling name is hidden there and here."""
    assert show_answer("your 40815 is set", secrets=(), sent=["pin: 40815 for Bo"]) == "your ••• is set"


def test_thousands_of_masked_values_hold_nobody_up() -> None:
    """Where too many come back to be looked for one by one, nothing of the answer is shown."""
    sent = json.dumps({"card": list(range(1000, 9000))})
    assert show_answer(sent.replace("card", "n"), secrets=(), sent=[sent]) == "•••"


def test_the_rest_of_an_echo_stays() -> None:
    """Other values are shown as they came, also where a masked one is a part of a longer word."""
    answer = '{"name": "Bo", "order": 148151, "word": "abc-99", "n": 12}'
    assert show_answer(answer, secrets=(), sent=[SENT]) == answer


def test_values_of_a_few_letters_are_masked_by_their_names_only() -> None:
    """One or two letters, true and false stand everywhere."""
    assert masked_values(SENT) == {"48151", "abc-9", "62342"}
    assert masked_values("no JSON") == set()
