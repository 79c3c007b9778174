import json
import re
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.text._json import BadJson, mask, understand

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)
DOCUMENTS = st.lists(VALUES, max_size=4) | st.dictionaries(TEXTS, VALUES, max_size=4)
SPACE = st.text(" \t\r\n", max_size=2)
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')
BENT = "“”„‟‘’‚‛«»″＂`"  # noqa: RUF001 - the bent ones are the point


@st.composite
def written(draw: st.DrawFn) -> str:
    """Any document, with spaces of JSON's own anywhere between its parts."""
    text = json.dumps(draw(DOCUMENTS), ensure_ascii=draw(st.booleans()))
    return draw(SPACE) + "".join(part + draw(SPACE) for part in TOKEN.findall(text))


@given(written())
def test_valid_json_goes_byte_for_byte(text: str) -> None:
    """Every JSON document, spaced in any way, is sent as its own bytes."""
    assert understand(text).body == text.encode()


@given(written(), st.sampled_from(["“”", "””", "„“", "«»", "\u2018\u2019"]))
def test_bent_quotes_are_bent_back(text: str, quotes: str) -> None:
    """A document whose straight quotes became curly ones is understood as the document it was."""
    assume(not set(text) & set(BENT) and '"' in text and "'" not in text)
    bent = TOKEN.sub(lambda part: quotes[0] + part[0][1:-1] + quotes[1] if part[0][0] == '"' else part[0], text)
    understood = understand(bent)
    assert understood.body == text.encode()
    assert understood.changes == ("curly quotes made straight",)


@given(written())
def test_odd_spaces_are_made_plain(text: str) -> None:
    """No-break spaces around and between the parts of a document change nothing in it."""
    spaced = "".join(f"\u00a0{part}" for part in TOKEN.findall(text))
    assert json.loads(understand(spaced).body) == json.loads(text)


@given(st.text(max_size=40) | st.text('{}[]:,"“”\u2018\u2019\\ \n01ax\u00a0`', max_size=40))
def test_anything_is_understood_or_told(text: str) -> None:
    """Any text is valid JSON in the end, and each change of it is told; or its mistake has a place within the text."""
    try:
        understood = understand(text)
    except BadJson as bad:
        error = bad
    else:
        assert isinstance(json.loads(understood.body), dict | list)
        assert understood.changes or understood.body == text.encode()
        return
    lines = text.split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    shown, caret = error.caret.split("\n")
    assert caret.strip(" ") == "^"
    assert len(caret) <= 2 * len(shown) + 1


@given(VALUES, st.sampled_from(["pin", "userPin", "API_KEY", "authToken", "otp", "cardNumber"]), DOCUMENTS)
def test_masks_hide_and_change_nothing_else(value: Any, name: str, rest: Any) -> None:
    """Whatever a telling name holds, at whatever depth, is replaced; all around it stays."""
    rest = json.loads(json.dumps(rest, default=str))
    assume(mask(json.dumps(rest)) == json.dumps(rest))
    assert json.loads(mask(json.dumps([rest, {"a": [{name: value}]}]))) == [rest, {"a": [{name: "•••"}]}]


@given(st.text(max_size=30), st.integers(10**9, 10**12))
def test_masks_leak_nothing(noise: str, secret: int) -> None:
    """A secret under a telling name does not show, whatever stands around it, valid JSON or not."""
    assume(str(secret) not in noise)
    body = json.dumps([noise, {noise: noise, "pin": secret, "b": {"otp": [{noise: str(secret)}]}}])
    for written_so in (body, body[:-1]):
        assert str(secret) not in mask(written_so)
