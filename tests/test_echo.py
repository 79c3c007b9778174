"""What a session answers, as its thread shows it."""

import json

import pytest

from bot.echo import masked_values, shown

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
    text = shown(answer, secrets=(), sent=[SENT])
    for value in ("48151", "62342", "abc-9"):
        assert value not in text
    assert "•••" in text


def test_the_rest_of_an_echo_stays() -> None:
    """Other values are shown as they came, also where a masked one is a part of a longer word."""
    answer = '{"name": "Bo", "order": 148151, "word": "abc-99", "n": 12}'
    assert shown(answer, secrets=(), sent=[SENT]) == answer


def test_values_of_a_few_letters_are_masked_by_their_names_only() -> None:
    """One or two letters, true and false stand everywhere."""
    assert masked_values(SENT) == {"48151", "abc-9", "62342"}
    assert masked_values("no JSON") == set()
