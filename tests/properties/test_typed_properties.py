"""A line goes through Slack's composer and is the line that was typed: with its blocks, and without them."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from bot.sandbox.slack._composer import compose
from bot.slack.inbound._mentions import read
from bot.text._json import understand
from bot.text._rich_text import typed_text

IDS = {"session-bot": "UBOT"}
WORDS = [
    *"*_~` ,.:;!?\"'{}[]<>&\n",
    *("a", "b1", "snake_case_", "2*3", "&amp;", "\N{WAVING HAND SIGN}", "é"),
    *("https://x.y/z?a=1&b=_2_", "http://x.dev/*a*.", "x.dev", "a@b.com", "+491234567890"),
    *("*1*", "_x_", "~y~", "`z`", "*_b_*", "_*b*_", "~a *b `c`* d~"),
]


def lines() -> st.SearchStrategy[str]:
    """Return what people may type, without fences: they are packaging, and come without their backticks."""
    return st.lists(st.sampled_from(WORDS), max_size=24).map("".join).filter(lambda line: "```" not in line)


def both(line: str) -> tuple[str, str]:
    """Type a line; give what is read from the event, with its blocks and without."""
    composed = compose(line, IDS)
    return typed_text({"text": composed.text, "blocks": composed.blocks}), typed_text({"text": composed.text})


@given(lines())
@example('send {"say": "press *1* now"}')
@example("*_a_* _*a*_")
def test_what_is_typed_is_what_is_read(typed_so: str) -> None:
    """Lines that do not end in code are read as they were typed, from the blocks as from the text."""
    line = "\n".join(f"{each}." for each in typed_so.split("\n"))
    assert both(f"@session-bot {line}") == (f"<@UBOT> {line}",) * 2


@given(st.dictionaries(lines(), lines() | st.lists(lines(), max_size=3), max_size=3), st.booleans())
def test_json_is_read_byte_for_byte(document: Any, escaped: bool) -> None:  # noqa: FBT001 - drawn, not passed
    """JSON with marks, links and entities anywhere in its texts is what it was, and needs no repair."""
    text = json.dumps(document, ensure_ascii=escaped)
    for read_so in both(f"@session-bot send 7 {text}"):
        assert read_so == f"<@UBOT> send 7 {text}"
        assert understand(read_so.removeprefix("<@UBOT> send 7 ")).body == text.encode()


@given(st.dictionaries(lines(), lines(), max_size=2), st.sampled_from(["`", "*", "_"]))
def test_json_handed_over_in_style_is_the_json(document: Any, mark: str) -> None:
    """Backticks or emphasis around JSON, and around the command with it, are about it and no part of it."""
    text = json.dumps(document)
    if mark == "`" and "`" in text:
        text = text.replace("`", "'")  # code ends at the first backtick: there is none within it
    for line in (f"send 7 {mark}{text}{mark}", f"{mark}send 7 {text}{mark}", f"{mark}send{mark} 7 {text}"):
        for read_so in both(f"@session-bot {line}"):
            command = read(read_so, "UBOT", None, "/session").asked
            assert isinstance(command, str)
            assert command.startswith("send 7 ")
            assert understand(command.removeprefix("send 7 ")).body == text.encode()
