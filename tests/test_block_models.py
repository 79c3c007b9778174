"""The second judge can object."""

from typing import Any

import pytest

from tests.block_models import objections

TEXT = {"type": "plain_text", "text": "x"}
BUTTON = {"type": "button", "text": TEXT, "action_id": "a"}


@pytest.mark.parametrize(
    "payload",
    [
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}]},
        {"blocks": [{"type": "shout", "text": TEXT}]},
        {"blocks": [{"type": "actions", "elements": [BUTTON | {"text": TEXT | {"text": "x" * 76}}]}]},
        {"blocks": [{"type": "actions", "elements": [BUTTON | {"colour": "red"}]}]},
        {"blocks": [{"type": "actions", "elements": [BUTTON] * 26}]},
        {"view": {"type": "modal", "title": TEXT | {"text": "x" * 25}, "blocks": []}},
        {"view": {"type": "modal", "title": TEXT, "blocks": [{"type": "header", "text": TEXT | {"text": "x" * 151}}]}},
    ],
)
def test_what_slacks_models_do_not_take_is_objected_to(payload: dict[str, Any]) -> None:
    """A limit passed, a block or a key that the SDK does not know: each is named."""
    assert objections(payload)


def test_what_they_take_is_not() -> None:
    """Good blocks, good views, and what has neither pass."""
    assert objections({"blocks": [{"type": "actions", "elements": [BUTTON]}], "channel": "C1"}) == []
    assert objections({"view": {"type": "modal", "title": TEXT, "blocks": [{"type": "divider"}]}}) == []
    assert objections({"user": "U1"}) == []
