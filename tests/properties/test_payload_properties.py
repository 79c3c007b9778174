"""The reading of what Slack sends, over whatever could come instead."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.slack.inbound._http import parse_body
from bot.slack.inbound._payload import MalformedPayload, Payload
from bot.slack.inbound._reader import read

KEYS = (
    *("type", "command", "ssl_check", "challenge", "team_id", "user_id", "channel_id", "trigger_id", "text"),
    *("response_url", "team", "user", "channel", "container", "actions", "view", "event", "authorizations", "id"),
    *("action_id", "action_ts", "value", "selected_option", "callback_id", "private_metadata", "state", "values"),
    *("is_ext_shared_channel", "ts", "thread_ts", "subteam_id", "bot_id", "user_team", "tab"),
)
TYPES = (
    *("block_actions", "view_submission", "block_suggestion", "event_callback", "url_verification", "shortcut"),
    *("app_mention", "app_home_opened", "subteam_members_changed", "home", "{}", "{"),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(TYPES) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6)


@given(body=VALUES | BODIES)
def test_anything_is_read_or_is_not_slacks(body: Any) -> None:
    """Whatever comes is a payload whose every part is of its type, or is refused: nothing else is ever raised."""
    try:
        payload = read(body)
    except MalformedPayload:
        return
    assert isinstance(payload, Payload)
    texts = (payload.name, payload.team, payload.channel, payload.person, payload.text, payload.key, payload.message)
    assert all(isinstance(each, str) for each in (*texts, payload.trigger, payload.response_url, *payload.homes))
    assert isinstance(payload.is_shared, bool)


@given(body=st.text(max_size=60) | BODIES.map(json.dumps), content_type=st.sampled_from(["application/json", ""]))
def test_any_body_is_decoded_or_is_not_slacks(body: str, content_type: str) -> None:
    """What is neither a form nor JSON is refused, and nothing else is ever raised."""
    try:
        parse_body(body, content_type)
    except MalformedPayload:
        return


def test_a_payload_shows_nothing_that_opens_something() -> None:
    """A response_url and a trigger are capabilities: no log and no traceback can show them."""
    typed = {"command": "/session", "channel_id": "C1", "user_id": "U1"}
    payload = read({**typed, "trigger_id": "1.secret", "response_url": "https://hooks.slack.com/commands/secret"})
    assert payload.response_url.endswith("secret")
    assert "secret" not in repr(payload)
