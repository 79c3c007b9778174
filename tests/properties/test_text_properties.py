import re

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render import render_mrkdwn
from bot.text import block, code, cut
from bot.text._slack_text import UnclosedQuote, decode, first_word, split_words

MARKS = "\u061c\u200e\u200f\u202a\u202e\u2066\u2068\u2069"
LINES = st.text(max_size=40) | st.text(f"ab “”\u2018\u2019\"'=\u00a0\u200b{{}}{MARKS}", max_size=40)
BETWEEN = re.compile(r"[\s\u200b\u2060\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@given(st.text(max_size=60))
def test_decode_undoes_slacks_escaping(text: str) -> None:
    """Any text that Slack escaped is given back exactly."""
    assert decode(text.translate(SLACK)) == text


@given(LINES)
def test_words_stand_where_they_say(line: str) -> None:
    """Words come in order, do not overlap, and leave only separators between them."""
    try:
        found = split_words(line)
    except UnclosedQuote:
        return
    position = 0
    for word in found:
        assert not BETWEEN.sub("", line[position : word.start])
        if not word.quoted:
            assert BETWEEN.sub("", line[word.start : word.end]) == BETWEEN.sub("", word.text)
        position = word.end
    assert not BETWEEN.sub("", line[position:])


@given(LINES)
def test_the_rest_is_the_lines_own_end(line: str) -> None:
    """The rest after the first word is, to the letter, the end of the line."""
    try:
        _, rest = first_word(line)
    except UnclosedQuote:
        return
    assert line.endswith(rest)


@given(st.text(max_size=80) | st.text("*_~`<>&a \nא\u202e", max_size=80), st.integers(20, 90))
def test_shown_text_fits_and_does_nothing(text: str, limit: int) -> None:
    """Whatever a text holds, it fits its limit, can be sent, and can neither mention, link nor reorder."""
    for token in (str, code, block):
        shown = render_mrkdwn(token(text), limit)
        shown.encode()
        assert len(shown) <= limit
        assert not set(shown) & set("<>\u202e")
    assert "```" not in render_mrkdwn(block(text))[3:-3]
    assert render_mrkdwn(code(text)).count("`") == 2


@given(st.text(max_size=30), st.integers(0, 40))
def test_cut_keeps_a_beginning(text: str, limit: int) -> None:
    """A cut text is a beginning of it and `…`, or all of it."""
    shown = cut(text, limit)
    assert len(shown) <= limit or shown == text
    assert text.startswith((shown.removesuffix("…"), shown))
