"""What the listeners read out of Slack's payloads."""

from typing import Any

import pytest

from bot.slack.listeners import is_foreign, moment


@pytest.mark.parametrize(
    ("body", "foreign"),
    [
        ({"team_id": "T1", "user_id": "U1"}, False),
        ({"team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}}, False),
        ({"team": {"id": "T1"}, "user": {"id": "U1"}}, False),
        ({"team": {"id": "T1"}, "user": {"id": "U9", "team_id": "T9"}}, True),
        ({"team_id": "T1", "user_team_id": "T9"}, True),
        ({"team_id": "T1", "is_ext_shared_channel": True}, True),
        ({"team": None, "team_id": "T1", "user": {"id": "U1", "team_id": "T1"}}, False),
    ],
)
def test_a_payload_says_who_comes_from_elsewhere(body: dict[str, Any], *, foreign: bool) -> None:
    """A person or channel of another workspace is known by the payload alone: nothing else vouches for it."""
    assert is_foreign(body) is foreign


@pytest.mark.parametrize("text", [None, "", "yesterday", "1e400", "nan", {}])
def test_a_moment_that_makes_no_sense_is_no_moment(text: Any) -> None:
    """What Slack gives as a time is read if it is one, and stops nothing if it is not."""
    assert moment(text) is None
