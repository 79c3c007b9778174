"""StartScenarios and StartConference, called by the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.voximplant import PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge, OpenJudge


async def test_a_start_is_answered_with_what_is_needed_to_act(judge: Judge) -> None:
    """One call starts one session, with its data as it was given, and tells its id and both its URLs."""
    text = 'שלום 😀 {"a": 1} &;='
    answer = await judge.ask(judge.api.start_scenarios, rule_id=1001, script_custom_data=text)
    assert answer["result"] == 1
    assert answer["media_session_access_url"].startswith("http://127.0.0.1:")
    assert answer["media_session_access_secure_url"].startswith("https://127.0.0.1:")
    assert "warnings" not in answer
    (session,) = judge.platform.sessions.values()
    assert (session.history_id, session.custom_data) == (answer["call_session_history_id"], text)


async def test_a_rule_can_be_named(judge: Judge) -> None:
    """The exact name serves as well as the id, with or without its application."""
    for application in ({}, {"application_name": "demo"}):
        answer = await judge.ask(judge.api.start_scenarios, rule_name="stuck", **application)
        assert answer["result"] == 1
    assert len(judge.platform.starts(1002)) == 2


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, 147),
        ({"rule_id": 9}, 147),
        ({"rule_id": "1001,1002"}, 147),
        ({"rule_id": "obedient"}, 147),
        ({"rule_name": "obed"}, 156),
        ({"rule_id": 1001, "application_id": 9}, 116),
        ({"rule_id": 1001, "application_name": "nobody"}, 107),
        ({"rule_id": 1001, "reference_ip": "here"}, 257),
        ({"rule_id": 1001, "script_custom_data": "é" * 101}, 496),
        ({"rule_id": 1001, "user_id": 1}, 496),
    ],
)
async def test_a_wrong_start_is_refused(judge: Judge, parameters: dict[str, Any], code: int) -> None:
    """Each fault has its code, and nothing is started."""
    assert await judge.refusal(judge.api.start_scenarios, **parameters) == code
    assert not judge.platform.sessions


async def test_what_the_account_lacks_is_told(judge: Judge) -> None:
    """A rule without a scenario is 375, an account without money 127."""
    account = judge.platform.account
    empty = account.add_rule(account.applications[0], "empty", "")
    assert await judge.refusal(judge.api.start_scenarios, rule_id=empty.rule_id) == 375
    account.balance = 0.0
    assert await judge.refusal(judge.api.start_scenarios, rule_id=1001) == 127


async def test_too_many_starts_in_flight_are_refused(open_judge: OpenJudge) -> None:
    """The client tells the HTTP status 429, which only StartScenarios has."""
    judge = await open_judge(PlatformOptions(in_flight_limit=0))
    assert await judge.refusal(judge.api.start_scenarios, rule_id=1001) == 429
    assert (await judge.ask(judge.api.get_applications))["count"] == 1


async def test_a_conference_is_joined_by_its_name(judge: Judge) -> None:
    """The same name is the same session, another name another one."""
    account = judge.platform.account
    rule = account.add_rule(account.applications[0], "meeting", "// waits", video_conference=True)
    first = await judge.ask(judge.api.start_conference, "daily", rule_id=rule.rule_id)
    again = await judge.ask(judge.api.start_conference, "daily", rule_name="meeting")
    other = await judge.ask(judge.api.start_conference, "x" * 49, rule_id=rule.rule_id)
    assert (first["result"], first) == (1, again)
    assert first["call_session_history_id"] != other["call_session_history_id"]
    assert len(judge.platform.sessions) == len(judge.platform.starts(rule.rule_id)) == 2


async def test_a_wrong_conference_is_refused(judge: Judge) -> None:
    """A name is needed, of fewer than 50 characters, and a rule for conferences."""
    account = judge.platform.account
    rule = account.add_rule(account.applications[0], "meeting", "//", video_conference=True)
    assert await judge.refusal(judge.api.start_conference, "", rule_id=rule.rule_id) == 269
    assert await judge.refusal(judge.api.start_conference, "x" * 50, rule_id=rule.rule_id) == 270
    assert await judge.refusal(judge.api.start_conference, "daily", rule_id=1001) == 147
    assert await judge.refusal(judge.api.start_conference, "daily") == 147
    assert not judge.platform.sessions
