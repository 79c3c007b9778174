"""blocks.validate, asked by Slack's own client."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
BARE = {"type": "section", "text": {"type": "mrkdwn"}}
INPUT = {
    "type": "input",
    "label": {"type": "plain_text", "text": "x"},
    "element": {"type": "plain_text_input", "action_id": "a"},
}
TITLE = {"type": "plain_text", "text": "x"}


@pytest.mark.parametrize(
    "payload",
    [
        {"blocks": [SECTION]},
        {"message": {"text": "x", "blocks": [SECTION]}},
        {"view": {"type": "modal", "title": TITLE, "submit": TITLE, "blocks": [INPUT]}},
        {"view": {"type": "home", "blocks": [SECTION]}},
    ],
)
async def test_what_slack_takes_is_valid(slack: LocalSlack, client: AsyncWebClient, payload: dict[str, Any]) -> None:
    """Blocks, a message and both kinds of view are judged, without any scope, and shown to nobody."""
    slack.workspace.scopes.clear()
    assert (await client.api_call("blocks.validate", json=payload))["ok"]


@pytest.mark.parametrize(
    ("payload", "word", "pointer"),
    [
        ({"blocks": [SECTION, BARE]}, "invalid_blocks", "/1/text"),
        ({"blocks": {}}, "invalid_blocks", ""),
        ({"message": {"blocks": [BARE]}}, "invalid_message", "/blocks/0/text"),
        ({"message": {}}, "invalid_message", ""),
        ({"view": {"type": "home", "blocks": [BARE]}}, "invalid_view", "/blocks/0/text"),
        ({"view": {"type": "modal", "title": TITLE, "blocks": [INPUT]}}, "invalid_view", ""),
    ],
)
async def test_each_mistake_is_named_with_its_place(
    client: AsyncWebClient, payload: dict[str, Any], word: str, pointer: str
) -> None:
    """The refusal lists a pointer, a code and a message for each problem."""
    with pytest.raises(SlackApiError) as refused:
        await client.api_call("blocks.validate", json=payload)
    answer = refused.value.response
    assert answer["error"] == word
    assert [each["pointer"] for each in answer["errors"]] == [pointer]
    assert all(each["code"] and each["message"] for each in answer["errors"])


@pytest.mark.parametrize("payload", [{}, {"blocks": [SECTION], "message": {"text": "x"}}, {"attachments": []}])
async def test_exactly_one_payload_is_judged(client: AsyncWebClient, payload: dict[str, Any]) -> None:
    """None, two and something else are refused as arguments."""
    with pytest.raises(SlackApiError) as refused:
        await client.api_call("blocks.validate", json=payload)
    assert refused.value.response["error"] == "invalid_arguments"
