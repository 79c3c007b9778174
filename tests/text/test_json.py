import json

import pytest

from bot.text._json import DEEPEST, BadJson, mask, understand


@pytest.mark.parametrize(
    "text",
    [
        '{"command": "stop"}',
        " [1,  2.50, 1e9,\t-0]\r\n",
        '{"text": "it’s “fine” — ok\u00a0"}',
        '{"text": "\u2068שלמה\u2069 \u202e\u061c\u200f"}',
        '{"a": 1, "a": 2}',
        '["\\ud800", "\\u00e9\\/"]',
        "[" + "9" * 6000 + ", 1e999]",
        "[" * DEEPEST + "]" * DEEPEST,
        "{}",
    ],
)
def test_valid_json_is_never_altered(text: str) -> None:
    """What parses strictly is sent byte for byte, however it is written."""
    understood = understand(text)
    assert understood.body == text.encode()
    assert not understood.repaired
    assert understood.changes == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("{“text”: “it’s fine”}", '{"text": "it’s fine"}'),
        ("{”a”:”b”, „c“: «d»}", '{"a":"b", "c": "d"}'),
        ("{\u2018text’: \u2018it’s fine’}", '{"text": "it’s fine"}'),
        ('{“a”: “say "hi"”}', '{"a": "say \\"hi\\""}'),
        ("{“a”: “say \\“hi\\””}", '{"a": "say \\"hi\\""}'),
        ('{"a":\u00a0"b\u00a0c"\u202f}\ufeff', '{"a": "b\u00a0c" } '),
        ('{"a":\u00a0"he said “hi”, ok"}', '{"a": "he said “hi”, ok"}'),
        ('\u2068{"a": "א\u2068ב\u2069"}\u2069', ' {"a": "א\u2068ב\u2069"} '),
        ('{\u200e"a"\u061c:\u202b"ב"\u202c\u2069}', '{ "a" : "ב"  }'),
        ('```json\n{"a": 1}\n```', '\n{"a": 1}\n'),
        ('```{"a": "`"}```', '{"a": "`"}'),
        ("`[1]`", "[1]"),
        ('*{"a": "*1*"}*', '{"a": "*1*"}'),
        ("_[1]_ ", "[1]"),
        ('{“a”: "–—"}', '{"a": "–—"}'),
    ],
)
def test_what_keyboards_did_is_undone(typed: str, meant: str) -> None:
    """Quotes around texts, spaces between them and fences around all are repaired; texts keep their content."""
    understood = understand(typed)
    assert understood.body.decode() == meant
    assert understood.repaired


def test_changes_are_told() -> None:
    """A repair says in words what it did, each thing once."""
    understood = understand("```\n{“a”:\u00a0“b”,\u00a0“c”: 1}\n```")
    assert understood.changes == ("code fence removed", "curly quotes made straight", "odd spaces made plain")
    assert understand("*[1]*").changes == ("emphasis removed",)


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("", 1, 1, "no JSON"),
        (" \n ", 1, 1, "no JSON"),
        ("hello", 1, 1, "a value is needed"),
        ('"text"', 1, 1, "an object or an array"),
        ("  17", 1, 3, "an object or an array"),
        ('{"a": 1,}', 1, 8, "this comma is one too many"),
        ("[1,\n 2 ,\n]", 2, 4, "this comma is one too many"),
        ('{"a": 1', 1, 8, "not complete"),
        ('{"a": 1\n\n', 1, 8, "not complete"),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3, "a comma or a closing bracket"),
        ('{"a" 1, "b": 2}', 1, 6, "a colon"),
        ("{'a': 1}", 1, 2, "double quotes"),
        ('{"a": True}', 1, 7, "JSON writes true here, not True"),
        ('{"a": None}', 1, 7, "JSON writes null here, not None"),
        ("[FALSE, 1]", 1, 2, "JSON writes false here, not FALSE"),
        ("[undefined]", 1, 2, "JSON writes null here, not undefined"),
        ('{"a": Nones}', 1, 7, "a value is needed here"),
        ("{true: 1}", 1, 2, "a name in double quotes is needed here"),
        ('["NaN", NaN]', 1, 9, "NaN is not JSON"),
        ("[-Infinity]", 1, 2, "-Infinity is not JSON"),
        ('{"a": "b}', 1, 7, "no closing quote"),
        ('["a\tb"]', 1, 4, r"a tab \\t"),
        ('["\\x"]', 1, 3, "backslash"),
        ("{} {}", 1, 4, "over before this"),
        ('["\ud800"]', 1, 3, "half a character"),
        ("[" * 100_000, 1, DEEPEST + 1, "nested deeper"),
        ("{“a”: 1,, “b”: 2}", 1, 9, "a name in double quotes"),
        ('```\n{“a”: “say "hi"” x}\n```', 2, 18, "a comma or a closing bracket"),
    ],
)
def test_what_stays_broken_is_told_by_its_place(text: str, line: int, column: int, reason: str) -> None:
    """A mistake is told by line and column of what was typed, also after a repair, and with a reason."""
    with pytest.raises(BadJson, match=reason) as caught:
        understand(text)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_the_caret_stands_under_the_place() -> None:
    """The caret is under the mistake in a fixed-width font, where wide letters take two columns and tabs one."""
    with pytest.raises(BadJson) as caught:
        understand('{\n\t"a": "日本", x}')
    text, caret = caught.value.caret.split("\n")
    assert text == ' "a": "日本", x}'
    assert caret == " " * 14 + "^"


def test_a_long_line_is_shown_around_the_mistake() -> None:
    """Of a long line only a window is shown, with the caret still under the place."""
    with pytest.raises(BadJson) as caught:
        understand("[" + "1, " * 500 + "x" + ", 2" * 500 + "]")
    text, caret = caught.value.caret.split("\n")
    assert len(text) <= 62
    assert text.startswith("…")
    assert text.endswith("…")
    assert text[caret.index("^")] == "x"


def test_the_exception_quotes_nothing() -> None:
    """What was typed stands in the caret only: the exception itself can be logged."""
    with pytest.raises(BadJson) as caught:
        understand('{"pin": 1234 "x"}')
    assert "1234" in caught.value.caret
    assert "1234" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "typed",
    ["{“a” 1, “b”: 2}", "{“a”: “x” “b”: “y”}", "[“a” “b”]", "{“a”: “he said “hi”, ok”}", '{“a": 1, “b”: 2}'],
)
def test_nothing_is_guessed(typed: str) -> None:
    """Where bent quotes leave it open what was meant, nothing is sent."""
    with pytest.raises(BadJson):
        understand(typed)


@pytest.mark.parametrize(
    "name",
    [
        "pin",
        "PIN",
        "userPin",
        "user_pin",
        "pin2",
        "password",
        "passwd",
        "Pass",
        "secret",
        "clientSecret",
        "token",
        "access-token",
        "apiKey",
        "api_key",
        "API_KEY",
        "authorization",
        "Authorization",
        "auth",
        "card",
        "cardNumber",
        "card_no",
        "cvv",
        "CVV2",
        "otp",
        "smsOtp",
        "PiN",
        "usertoken",
        "\uff30\uff29\uff2e",
    ],
)
@pytest.mark.parametrize("value", ["1234567", '"1234567"', '["1234567", {"x": 1234567}]', '{"n": 1234567}', "true"])
def test_values_under_telling_names_are_hidden(name: str, value: str) -> None:
    """Whatever stands under a name that tells of a secret is hidden, whole and at any depth."""
    shown = mask(f'{{"a": [{{"{name}" : {value} , "b": "stays"}}]}}')
    assert shown == f'{{"a": [{{"{name}" : "•••" , "b": "stays"}}]}}'


@pytest.mark.parametrize("name", ["shipping", "keyboard", "author", "pinned", "passenger", "text", "to"])
def test_other_names_stay(name: str) -> None:
    """A word that only begins like a telling one hides nothing, and what hides nothing is not changed."""
    body = f'{{"{name}":  ["x", 1.50]}}\n'
    assert mask(body.encode()) == body


def test_escapes_in_names_hide_nothing() -> None:
    """A name is read as JSON reads it, so an escape does not get a secret through."""
    assert mask('{"p\\u0069n": 1}') == '{"p\\u0069n": "•••"}'


@pytest.mark.parametrize(
    "body",
    [
        "pin=1234567&x=1",
        "{'pin': '1234567'}",
        '{"pin": "1234567',
        '{"pin": [1, 1234567',
        '"{\\"pin\\": \\"1234567\\"}"',
        "<b>token: 1234567</b>",
    ],
)
def test_a_body_that_is_no_json_is_masked_as_well(body: str) -> None:
    """In any other text, what follows a telling name is hidden."""
    assert "1234567" not in mask(body)
    assert "•••" in mask(body)


def test_long_bodies_are_cut() -> None:
    """A thread shows 1,500 characters and says how many more there are; cutting comes after hiding."""
    shown = mask(json.dumps({"token": "1" * 5000, "text": "x" * 2000}))
    assert "1111" not in shown
    assert shown.endswith("… (528 more characters)")
    assert mask("x" * 1500) == "x" * 1500


def test_bytes_that_are_no_text_are_shown_somehow() -> None:
    """An answer's body may be anything and never stops its message."""
    assert mask(b"\xff\xfe") == "\ufffd\ufffd"
