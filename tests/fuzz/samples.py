"""Payloads as Slack, the platform and scenarios write them: what `bent` begins with."""

import json
from typing import Any, Final

from bot.slack.render import (
    AGAIN_ACTION,
    EDIT_ACTION,
    EDITOR,
    JSON_FIELD,
    PRESET_ACTION,
    RULE_ACTION,
    START_FORM,
    STOP_ACTION,
)
from bot.slack.render import STOP_THESE_ACTION as STOP_THESE

_WHO: Final[dict[str, Any]] = {
    "team": {"id": "T1"}, "user": {"id": "U1", "team_id": "T1"}, "trigger_id": "1.2.a", "channel": {"id": "C1"},
    "response_url": "https://hooks.slack.com/actions/T1/1/a", "is_ext_shared_channel": False,
}  # fmt: skip
_EDITOR_OF: Final = {"session": 1, "rule": 1001, "heading": "#1", "channel": "C1", "form": "f"}


def _form(callback: str, kept: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    view = {
        "id": "V1", "type": "modal", "callback_id": callback, "hash": "1.a", "private_metadata": json.dumps(kept),
        "state": {"values": values},
    }  # fmt: skip
    return {"type": "view_submission", **_WHO, "view": view}


def _click(action: str, value: str, **more: Any) -> dict[str, Any]:
    pressed = {"type": "button", "action_id": action, "block_id": "b", "value": value, "action_ts": "1772330000.1"}
    place = {"type": "message", "message_ts": "1700000000.000001", "channel_id": "C1", "is_ephemeral": False}
    return {"type": "block_actions", **_WHO, "container": place, "actions": [{**pressed, **more}]}


def _event(**event: Any) -> dict[str, Any]:
    known = {"event_id": "Ev1", "event_time": 1772330000, "team_id": "T1", "authorizations": [{"team_id": "T1"}]}
    return {"type": "event_callback", **known, "event": event}


_TYPED: Final = {"text": {"type": "plain_text_input", "value": '{"a": 1}'}}
_SAID: Final = [
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "user", "user_id": "UB"}, {"type": "text", "text": " stop 1", "style": {"bold": True}},
        {"type": "link", "url": "https://x.dev", "text": "x"}, {"type": "emoji", "name": "wave", "unicode": "1f44b"},
    ]}]},
]  # fmt: skip

COMMANDS: Final = tuple(
    {
        "command": "/session", "text": text, "team_id": "T1", "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2",
        "response_url": "https://hooks.slack.com/commands/T1/1/a", "is_enterprise_install": "false",
    }
    for text in ("stop 1 they hang", 'send 1 {"a": [1, 2]}')
)  # fmt: skip
CLICKS: Final = (
    _click(f"{STOP_ACTION}:1", "1.1"), _click(f"{AGAIN_ACTION}:1", "1.1"), _click(f"{STOP_THESE}:0", "1 2"),
    _click(f"{EDIT_ACTION}:1", "kept"), _click("offer:0", "kept"), _click("home_refresh", ""),
    _click(PRESET_ACTION, "", selected_option={"value": "a"}) | {"view": _form(EDITOR, _EDITOR_OF, {})["view"]},
)  # fmt: skip
FORMS: Final = (
    _form(EDITOR, _EDITOR_OF, {f"{JSON_FIELD}:0": {JSON_FIELD: {"value": '{"a": 1}'}}}),
    _form(START_FORM, {"channel": "C1"}, {"rule": {"rule": {"selected_option": {"value": "1001"}}}, "data": _TYPED}),
    {**_form(START_FORM, {}, {}), "type": "block_suggestion", "action_id": RULE_ACTION, "value": "obe"},
)
EVENTS: Final = (
    _event(
        type="app_mention", user="U1", channel="C1", ts="1772330000.1", event_ts="1772330000.1", text="<@UB> stop 1"
    ),
    _event(type="app_mention", user="U1", channel="C1", ts="1772330000.1", thread_ts="1", text="<@UB> x", blocks=_SAID),
    _event(type="app_home_opened", user="U1", channel="D1", tab="home", view={"type": "home"}),
    _event(type="subteam_members_changed", subteam_id="S1"),
)
PAYLOADS: Final = (*COMMANDS, *CLICKS, *FORMS, *EVENTS, {"type": "url_verification", "challenge": "x"})
ENVELOPES: Final = tuple(
    {"envelope_id": "e1", "type": kind, "accepts_response_payload": True, "payload": payload}
    for kind, payload in (("slash_commands", COMMANDS[0]), ("interactive", CLICKS[0]), ("events_api", EVENTS[0]))
)

ROW: Final[dict[str, Any]] = {
    "call_session_history_id": 7, "application_id": 3, "application_name": "calls.x.voximplant.com",
    "rule_name": "night", "start_date": "2026-03-01 02:14:05", "duration": 10, "finish_reason": "Normal termination",
    "active": False, "custom_data": "x", "log_file_url": "https://storage-gw-1.voximplant.com/a",
    "calls": [{"cost": 0.1}], "records": [{"cost": "0.2"}], "other_resource_usage": [{"cost": 1}],
}  # fmt: skip
ANSWERS: Final[dict[str, Any]] = {
    "start": {"result": 1, "call_session_history_id": 7, "warnings": ["x"], "media_session_access_secure_url":
              "https://1.2.3.4:12093/request/AF30C0FFEE42CCA6.1580999958.1204800_1.2.3.4/90AB12CD34EF5D84"},
    "history": {"result": [ROW], "count": 1, "total_count": 1},
    "applications": {"result": [{"application_id": 3, "application_name": "calls.x.voximplant.com"}], "total_count": 1},
    "rules": {"result": [{"rule_id": 1, "rule_name": "night", "scenarios": [
        {"scenario_id": 5, "scenario_name": "s", "modified": "2026-03-01 02:14:05"}]}], "total_count": 1},
    "account": {"result": {"account_id": 1, "account_name": "demo", "currency": "USD"}},
    "items": {"result": [{"key": "session-bot:7", "value": "{}", "expires_at": 1772330000}], "count": 1},
    "item": {"result": {"key": "session-bot:7", "value": "{}"}},
    "scenarios": {"result": [{"scenario_id": 5, "scenario_name": "s", "scenario_script": "x"}], "total_count": 1},
    "error": {"error": {"code": 127, "msg": "insufficient money", "field_name": "x"}, "errors": [{"code": 1}]},
}  # fmt: skip
CLAIM: Final = {
    "v": 1, "session": "7", "url": ANSWERS["start"]["media_session_access_secure_url"], "started": 1772330000,
    "beat": 1772330040, "calls": 1, "data": "x", "taken": "r-1", "ending": False,
}  # fmt: skip
PERSON: Final = {
    "id": "U1", "team_id": "T1", "name": "ann", "real_name": "Ann", "is_restricted": False, "deleted": False,
    "profile": {"display_name": "ann", "real_name": "Ann"}, "enterprise_user": {"teams": ["T1", "T2"]},
}  # fmt: skip
FACTS: Final = (
    {"ok": True, "user": PERSON},
    {"ok": True, "channel": {"id": "C1", "name": "ops", "is_channel": True, "is_private": False}},
    {"ok": True, "users": ["U1", "U2"]},
)
