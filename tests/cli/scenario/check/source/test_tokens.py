"""The scan of JavaScript: names in code are found, names in comments, strings and patterns are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.scenario.check.source._tokens import Kind, tokens


def words(source: str) -> list[str]:
    """Return the names in a source."""
    return [each.text for each in tokens(source) if each.kind is Kind.word]


@pytest.mark.parametrize(
    "source",
    [
        "// terminate\nx",
        "/* terminate\n */ x",
        "'terminate' + x",
        '"it\\"s terminate" + x',
        "`terminate` + x",
        "`${x} terminate`",
        "/terminate/.y, x",
        "/[/]terminate/g.y, x",
        "if (x) /terminate/g",
        "(/terminate/, x)",
        "#!/usr/bin/env terminate\nx",
        "/* terminate",
        "'terminate",
    ],
)
def test_what_is_no_code_has_no_names(source: str) -> None:
    """Comments, strings, templates, patterns and a first line for a shell hold no names of the code."""
    assert "terminate" not in words(source)


@pytest.mark.parametrize(
    "source",
    [
        "a / terminate / b",
        "(a) / terminate / b",
        "a[0] / terminate / b",
        "1 / terminate",
        "`x${ terminate }y`",
        "`x${ {a: `y${terminate}`} }z`",
        "x = '//'; terminate",
        "x = /'/; terminate",
        "x = `//`; terminate",
        "return /a/; terminate",
        "a\n// '\nterminate",
        "this.terminate",
        "e?.terminate",
    ],
)
def test_what_is_code_has_its_names(source: str) -> None:
    """A division begins no pattern, a value in a template is code, and a sign in a string or pattern ends nothing."""
    assert "terminate" in words(source)


def test_a_token_knows_its_place_and_its_depth() -> None:
    """Lines and columns count from 1, as JavaScript counts lines; brackets are counted."""
    found = tokens("a\r\n  b(c,\u2028[d])")
    assert [(each.text, each.line, each.column, each.depth) for each in found if each.kind is Kind.word] == [
        ("a", 1, 1, 0),
        ("b", 2, 3, 0),
        ("c", 2, 5, 1),
        ("d", 3, 2, 2),
    ]


@given(st.text(alphabet="ab'\"`/\\${}()[]*\n .=1", max_size=60))
def test_any_text_is_scanned_to_its_end(source: str) -> None:
    """Nothing makes the scan fail or stand still, and tokens come in the order of the text."""
    places = [(each.line, each.column) for each in tokens(source)]
    assert places == sorted(places)


@pytest.mark.parametrize("unit", ["/[", "/a", "`${", "((", "'\\", "a("])
def test_a_long_text_that_opens_and_never_closes_is_scanned_to_its_end(unit: str) -> None:
    """A scenario of the largest size whose every sign begins something does not keep the scan from ending."""
    last = tokens(unit * 65_536 + "\n;end")[-1]
    assert last.text.endswith("end")
