"""What was typed, taken from the blocks of a message event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack._composer import compose
from bot.text._rich_text import typed_text


def event(*elements: dict[str, Any], kind: str = "rich_text_section", text: str = "the text") -> dict[str, Any]:
    """Make a message event of one paragraph."""
    return {"text": text, "blocks": [{"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}]}


@pytest.mark.parametrize(
    ("piece", "says"),
    [
        ({"type": "text", "text": "a & b <c>"}, "a & b <c>"),
        ({"type": "text", "text": "bold", "style": {"bold": True}}, "*bold*"),
        ({"type": "text", "text": "lined", "style": {"underline": True}}, "lined"),
        ({"type": "text", "text": " gone ", "style": {"strike": True}}, " ~gone~ "),
        ({"type": "text", "text": " ", "style": {"bold": True}}, " "),
        ({"type": "link", "url": "http://x.y", "text": "x.y", "style": {"italic": True}}, "_x.y_"),
        ({"type": "link", "url": "https://x.y/z?a=1&b=2"}, "https://x.y/z?a=1&b=2"),
        ({"type": "link", "url": "http://x.y", "text": "x.y"}, "x.y"),
        ({"type": "link", "url": "mailto:a@b.c", "text": "a@b.c"}, "a@b.c"),
        ({"type": "link", "url": "tel:+4912"}, "+4912"),
        ({"type": "user", "user_id": "U1"}, "<@U1>"),
        ({"type": "channel", "channel_id": "C1"}, "<#C1>"),
        ({"type": "usergroup", "usergroup_id": "S1"}, "<!subteam^S1>"),
        ({"type": "broadcast", "range": "here"}, "<!here>"),
        ({"type": "color", "value": "#ff0000"}, "#ff0000"),
        ({"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"}, "\N{WAVING HAND SIGN}\U0001f3fd"),
        ({"type": "emoji", "name": "party-parrot"}, ":party-parrot:"),
    ],
)
def test_each_piece_is_what_its_person_saw(piece: dict[str, Any], says: str) -> None:
    """Words come as they are, marked if styled; links as their words, names as mentions, emoji as signs."""
    assert typed_text(event(piece)) == says


def text(words: str, *styles: str) -> dict[str, Any]:
    """Make a piece of words in styles."""
    return {"type": "text", "text": words, "style": dict.fromkeys(styles, True)}


@pytest.mark.parametrize(
    ("pieces", "says"),
    [
        ([text('{"say": "press '), text("1", "bold"), text(' now"}')], '{"say": "press *1* now"}'),
        ([text("a", "bold"), text(" "), text("b", "bold")], "*a* *b*"),
        ([text("a ", "bold"), text("b", "bold", "italic"), text(" c", "bold"), text(" d")], "*a _b_ c* d"),
        ([text("a", "bold", "italic"), text(" b", "bold")], "*_a_ b*"),
        ([text("a", "bold", "italic"), text(" b", "italic")], "_*a* b_"),
        ([text("a", "bold"), text(" b", "bold", "italic"), text(" c", "italic")], "*a _b_* _c_"),
        ([text("a", "bold", "italic", "strike")], "~_*a*_~"),
        ([text("a ", "bold"), text("b")], "*a* b"),
        ([text("a", "bold"), text("\n", "bold"), text("b", "bold")], "*a\nb*"),
        (
            [
                text("see ", "bold"),
                {"type": "link", "url": "https://x.y", "style": {"bold": True}},
                {"type": "emoji", "name": "wave", "unicode": "1f44b", "style": {"bold": True}},
                text(" now", "bold"),
            ],
            "*see https://x.y\N{WAVING HAND SIGN} now*",
        ),
        ([text('{"say": "use '), text("x", "code"), text(' now"}')], '{"say": "use `x` now"}'),
        ([text(" x ", "code"), text(".")], "` x `."),
        ([text("a", "code", "bold"), text(".")], "*`a`*."),
        ([text("send 7 "), text('{"a": 1}', "code"), text(" ")], 'send 7 {"a": 1} '),
        ([text("stop 7", "code"), text("\nit hangs")], "stop 7\nit hangs"),
        ([text("stop 7", "code"), text(" now")], "`stop 7` now"),
        ([text("a", "code"), text(" and "), text("b", "code")], "`a` and `b`"),
        ([text("a", "code"), text(".\n"), text("b", "code")], "`a`.\nb"),
        ([text("a "), text("b", "code", "bold")], "a b"),
        (
            [
                text('{"a": ', "code"),
                {"type": "link", "url": "https://x.y", "style": {"code": True}},
                text("."),
                text("}"),
            ],
            '`{"a": https://x.y`.}',
        ),
    ],
)
def test_marks_stand_where_styles_begin_and_end(pieces: list[dict[str, Any]], says: str) -> None:
    """A style over several pieces has one pair of marks, nested in others, and code at a line's end none."""
    assert typed_text(event(*pieces)) == says
    assert typed_text(event(*pieces, kind="rich_text_quote")) == says


@pytest.mark.parametrize(
    "line", ["*_a_* _*a*_ ~*b*~", "_*a*_ *_a_*", "*_~a~_* ~_*a*_~", "*_a_ b* _*a* b_", "_~`a`~_ b"]
)
def test_the_text_tells_which_of_two_marks_is_the_outer_one(line: str) -> None:
    """Styles that begin and end together are nested as they are in the event's own text."""
    composed = compose(line, {})
    assert typed_text({"text": composed.text, "blocks": composed.blocks}) == line


def test_the_text_is_found_again_behind_what_it_writes_otherwise() -> None:
    """An emoji's name and a mention's label are not in the blocks; what follows them is nested as in the text."""
    wave = {"type": "emoji", "name": "wave", "unicode": "1f44b", "style": {"italic": True}}
    pieces = [
        {"type": "user", "user_id": "U1"},
        text(" "),
        text("a", "bold", "italic"),
        text(" "),
        wave,
        text(" b", "italic"),
        text(" "),
        text("a", "bold", "italic"),
    ]
    line = "<@U1> *_a_* _\N{WAVING HAND SIGN} b_ _*a*_"
    assert typed_text(event(*pieces, text="<@U1|ann> *_a_* _:wave: b_ _*a*_")) == line


def test_the_text_is_followed_through_a_fence() -> None:
    """However long a fence is, what stands behind it is nested as in the text."""
    composed = compose(f"*_a_*```{'x' * 300}```*_b_* _*b*_", {})
    assert typed_text({"text": composed.text, "blocks": composed.blocks}) == f"*_a_*\n{'x' * 300}\n*_b_* _*b*_"


def test_what_slack_itself_makes_of_styles() -> None:
    """An event as Slack sends it: several styles, and a link in code, are the words of its own text."""
    pieces = [
        {"type": "user", "user_id": "U1"},
        text(" "),
        text("help ad", "bold", "italic"),
        text("   "),
        text("cdf", "italic", "strike"),
        text("    "),
        {"type": "link", "url": "https://x.y", "style": {"code": True}},
        text(" "),
        {"type": "link", "url": "https://x.y"},
    ]
    line = "<@U1> _*help ad*_   ~_cdf_~    `https://x.y` https://x.y"
    assert typed_text(event(*pieces, text="")) == line
    assert typed_text({"text": "<@U1> _*help ad*_   ~_cdf_~    `<https://x.y>` <https://x.y>"}) == line


def test_a_fence_has_no_marks() -> None:
    """Nothing is styled in a fence: its words stay what they are."""
    assert typed_text(event(text('{"a": "*1*"}'), kind="rich_text_preformatted")) == '{"a": "*1*"}'


def test_fences_and_points_stand_on_lines_of_their_own() -> None:
    """A fence after words, and the points of a list, begin new lines; nothing is added at the ends.

    The space typed before a fence ends with its line: `--text` and a fence is the text of the fence, and no line more.
    """
    blocks = [
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "send 7 "}]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": '{"a":\n1}'}]},
                {
                    "type": "rich_text_list",
                    "elements": [
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
                        {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
                    ],
                },
            ],
        }
    ]
    assert typed_text({"blocks": blocks}) == 'send 7\n{"a":\n1}\none\ntwo'


@pytest.mark.parametrize(
    "blocks",
    [
        None,
        [],
        "blocks",
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_poem", "elements": []}]}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "riddle"}]}]}],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text"}]}]}],
        [{"type": "rich_text"}],
        [None],
        [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": ["x"]}]}],
        [
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": "bold"}]}
                ],
            }
        ],
    ],
)
def test_without_readable_blocks_the_text_is_decoded(blocks: Any) -> None:
    """Blocks that are missing, or not understood to the last piece, are not guessed at: the text says the same."""
    text = 'send 7 {"url":"<https://x.y?a=1&amp;b=2>", "t": "&lt;b&gt;"}'
    assert typed_text({"text": text, "blocks": blocks}) == 'send 7 {"url":"https://x.y?a=1&b=2", "t": "<b>"}'


LEAVES = st.one_of(
    st.text(alphabet='abc <>&"@:/.{}[]', max_size=12),
    st.sampled_from(["https://x.y/z?a=1&b=2", "see http://x.y.", "a@b.com", "+491234567890", "x.dev", "<https://x>"]),
    st.integers(),
)


@given(st.dictionaries(st.text(alphabet="abc<>&", min_size=1, max_size=3), st.lists(LEAVES, max_size=3), max_size=3))
def test_json_arrives_as_typed_whatever_slack_made_of_it(value: dict[str, Any]) -> None:
    """JSON with URLs, addresses, numbers and entities in its texts is rebuilt to the byte from what Slack sends."""
    line = f"send 7 {json.dumps(value)}"
    composed = compose(line, {})
    assert typed_text({"text": composed.text, "blocks": composed.blocks}) == line
