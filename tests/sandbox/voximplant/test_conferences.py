"""StartConference: sessions that have a name, and are joined by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller


def conference_rule(caller: Caller) -> int:
    """Add a rule for conferences, and return its id."""
    account = caller.platform.account
    rule = account.add_rule(account.applications[0], "meeting", "// waits", video_conference=True)
    return rule.rule_id


async def join(caller: Caller, name: str, **parameters: object) -> dict[str, Any]:
    """Call StartConference and expect a success."""
    body = await caller.call("StartConference", conference_name=name, **parameters)
    assert body["result"] == 1
    return body


async def test_the_same_name_joins_the_running_session(caller: Caller) -> None:
    """The second call gets the session of the first, with the first one's data; another name is another session."""
    rule_id = conference_rule(caller)
    first = await join(caller, "daily", rule_id=rule_id, script_custom_data="a")
    assert await join(caller, "daily", rule_name="meeting", script_custom_data="b") == first
    other = await join(caller, "weekly", rule_id=rule_id)
    assert list(caller.platform.sessions) == [first["call_session_history_id"], other["call_session_history_id"]]
    assert caller.platform.sessions[first["call_session_history_id"]].custom_data == "a"
    assert [request.method for request in caller.platform.starts(rule_id)] == ["StartConference"] * 2


async def test_a_name_is_free_again_when_its_session_is_over(caller: Caller) -> None:
    """What has ended cannot be joined."""
    rule_id = conference_rule(caller)
    first = await join(caller, "daily", rule_id=rule_id)
    caller.platform.sessions[first["call_session_history_id"]].end()
    assert (await join(caller, "daily", rule_id=rule_id))["call_session_history_id"] in caller.platform.sessions
    assert len(caller.platform.sessions) == 2


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, 269),
        ({"conference_name": "x" * 50}, 270),
        ({"conference_name": "daily", "rule_id": 1002}, 147),
        ({"conference_name": "daily", "rule_id": 9}, 147),
        ({"conference_name": "daily", "script_custom_data": "x" * 201}, 496),
        ({"conference_name": "daily", "user_name": "ann"}, 496),
    ],
)
async def test_a_wrong_conference_is_refused_and_starts_nothing(
    caller: Caller, parameters: dict[str, object], code: int
) -> None:
    """A name of fewer than 50 characters, and a rule for conferences, are needed."""
    form = {"rule_id": conference_rule(caller)} | parameters
    assert (await caller.call("StartConference", **form))["error"]["code"] == code
    assert not caller.platform.sessions


async def test_the_longest_name_passes(caller: Caller) -> None:
    """49 characters are fewer than 50, whatever their bytes."""
    await join(caller, "é" * 49, rule_id=conference_rule(caller))
