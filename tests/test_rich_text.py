"""What was typed, taken from the blocks of a message event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rich_text import typed
from bot.sandbox.slack.composer import compose


def event(*elements: dict[str, Any], kind: str = "rich_text_section", text: str = "the text") -> dict[str, Any]:
    """Make a message event of one paragraph."""
    return {"text": text, "blocks": [{"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}]}


@pytest.mark.parametrize(
    ("piece", "says"),
    [
        ({"type": "text", "text": "a & b <c>"}, "a & b <c>"),
        ({"type": "text", "text": "bold", "style": {"bold": True}}, "bold"),
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
    """Words come as they are, links as their words, names as mentions, emoji as signs."""
    assert typed(event(piece)) == says


def test_fences_and_points_stand_on_lines_of_their_own() -> None:
    """A fence after words, and the points of a list, begin new lines; nothing is added at the ends."""
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
    assert typed({"blocks": blocks}) == 'send 7 \n{"a":\n1}\none\ntwo'


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
    ],
)
def test_without_readable_blocks_the_text_is_decoded(blocks: Any) -> None:
    """Blocks that are missing, or not understood to the last piece, are not guessed at: the text says the same."""
    text = 'send 7 {"url":"<https://x.y?a=1&amp;b=2>", "t": "&lt;b&gt;"}'
    assert typed({"text": text, "blocks": blocks}) == 'send 7 {"url":"https://x.y?a=1&b=2", "t": "<b>"}'


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
    assert typed({"text": composed.text, "blocks": composed.blocks}) == line
