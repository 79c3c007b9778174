"""GetCallHistory, asked and read by the official client."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from bot.sandbox.voximplant import ScenarioSession
    from tests.sandbox.judge.conftest import Judge

FROM, TO = datetime(2020, 1, 1, tzinfo=UTC), datetime(2120, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

CALL_OF_A_MOMENT = """
const call = VoxEngine.callPSTN("+15550100", "+15550199");
call.addEventListener(CallEvents.Connected, () => call.hangup());
call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
"""


async def start(judge: Judge, rule_id: int, custom_data: str | None = None) -> ScenarioSession:
    """Start a session by the official client."""
    answer = await judge.ask(judge.api.start_scenarios, rule_id=rule_id, script_custom_data=custom_data)
    return judge.platform.sessions[answer["call_session_history_id"]]


async def rows(judge: Judge, **parameters: object) -> list[dict[str, Any]]:
    """Ask for rows, over any time when no dates are given."""
    found: list[dict[str, Any]] = (await history(judge, **parameters))["result"]
    return found


async def history(judge: Judge, **parameters: object) -> dict[str, Any]:
    """Ask for the history, over any time when no dates are given."""
    return await judge.ask(judge.api.get_call_history, **({"from_date": FROM, "to_date": TO} | parameters))


def ids(found: list[dict[str, Any]]) -> list[int]:
    """Name the sessions of these rows."""
    return [row["call_session_history_id"] for row in found]


async def test_a_running_session_is_active(judge: Judge) -> None:
    """It has a start and is active, undocumented as that is, and has no duration, no reason and no URL to act by."""
    session = await start(judge, 1002, "tag")
    (row,) = await rows(judge, call_session_history_id=session.history_id)
    account, application = judge.platform.account, judge.platform.account.applications[0]
    assert row["start_date"] == session.started_at.replace(microsecond=0)
    assert row["active"] is True
    assert not row.keys() & {"duration", "finish_reason", "calls", "records", "other_resource_usage"}
    assert (row["account_id"], row["application_id"]) == (account.account_id, application.application_id)
    assert (row["application_name"], row["rule_name"], row["custom_data"]) == ("demo", "stuck", "tag")
    assert row["log_file_url"].startswith("https://")
    assert "/request/" not in str(row)


async def test_an_ended_session_tells_its_end_and_its_costs(judge: Judge) -> None:
    """Duration and reason are there, and what is asked for: calls, records and resources, with dates and costs."""
    account = judge.platform.account
    rule = account.add_rule(account.applications[0], "short", CALL_OF_A_MOMENT)
    session = await start(judge, rule.rule_id)
    await session.closed()
    (row,) = await rows(judge, with_calls=True, with_records=True, with_other_resources=True)
    assert (row["active"], row["finish_reason"]) == (False, "Normal termination")
    assert row["duration"] >= 1
    assert "custom_data" not in row
    (call,), (usage,) = row["calls"], row["other_resource_usage"]
    assert call["start_time"] == session.calls[0].placed_at.replace(microsecond=0)
    assert (call["local_number"], call["remote_number"]) == ("+15550199", "+15550100")
    assert (call["incoming"], call["successful"]) == (False, True)
    assert session.ended_at is not None
    assert usage["used_at"] == session.ended_at.replace(microsecond=0)
    assert call["cost"] > 0
    assert usage["cost"] > 0
    assert row["records"] == []


async def test_sessions_are_found_by_lists_of_ids(judge: Judge) -> None:
    """The client joins a list with semicolons; an unknown id is absent; 1000 of them are the most."""
    one, two = await start(judge, 1002), await start(judge, 1002)
    asked = [one.history_id, 7, two.history_id]
    assert ids(await rows(judge, call_session_history_id=asked)) == [one.history_id, two.history_id]
    assert ids(await rows(judge, call_session_history_id=range(1, 1001))) == []
    get = judge.api.get_call_history
    for wrong in ("1,2", "1;two", f"{one.history_id} ", range(1, 1002)):
        assert await judge.refusal(get, from_date=FROM, to_date=TO, call_session_history_id=wrong) == 150


async def test_sessions_are_found_by_rule_application_and_data(judge: Judge) -> None:
    """A rule's name needs its application; custom data is compared as a whole."""
    first, second = await start(judge, 1001, "é😀"), await start(judge, 1002, "b")
    assert ids(await rows(judge, application_name="demo", rule_name="stuck")) == [second.history_id]
    assert ids(await rows(judge, call_session_history_custom_data="é😀")) == [first.history_id]
    assert ids(await rows(judge, call_session_history_custom_data="é")) == []
    get = judge.api.get_call_history
    assert await judge.refusal(get, from_date=FROM, to_date=TO, rule_name="stuck") == 156
    assert await judge.refusal(get, from_date=FROM, to_date=TO, application_id=9) == 116


async def test_dates_bound_the_start(judge: Judge) -> None:
    """Both ends count, to the second, and the client's zones are one and the same moment."""
    session = await start(judge, 1002)
    at = session.started_at.replace(microsecond=0)
    in_tokyo = at.astimezone(timezone(timedelta(hours=9)))
    for moment in (at, in_tokyo, at.replace(tzinfo=None)):
        assert ids(await rows(judge, from_date=moment, to_date=moment)) == [session.history_id]
    assert await rows(judge, from_date=at - SECOND, to_date=at - SECOND) == []
    assert await rows(judge, from_date=at + SECOND, to_date=at + SECOND) == []


async def test_without_dates_the_last_month_is_meant(judge: Judge) -> None:
    """Both dates may be left out, also where ids are given."""
    session = await start(judge, 1002)
    answer = await judge.ask(judge.api.get_call_history)
    assert ids(answer["result"]) == [session.history_id]
    answer = await judge.ask(judge.api.get_call_history, call_session_history_id=session.history_id)
    assert ids(answer["result"]) == [session.history_id]
    session.started_at -= timedelta(days=32)
    assert (await judge.ask(judge.api.get_call_history))["result"] == []


async def test_dates_are_needed_in_their_order(judge: Judge) -> None:
    """One alone is refused, also where ids are given; so it is with the later one first."""
    get = judge.api.get_call_history
    assert await judge.refusal(get, from_date=FROM, call_session_history_id=7) == 134
    assert await judge.refusal(get, to_date=TO) == 134
    assert await judge.refusal(get, from_date=TO, to_date=FROM) == 123


async def test_the_history_is_paged(judge: Judge) -> None:
    """Count and offset cut, desc_order turns it round, the total can be left out."""
    started = [(await start(judge, 1002)).history_id for _ in range(3)]
    page = await history(judge, count=2, offset=1)
    assert ids(page["result"]) == started[1:]
    assert (page["count"], page["total_count"]) == (2, 3)
    assert ids(await rows(judge, count=1, desc_order=True)) == started[-1:]
    assert "total_count" not in await history(judge, with_total_count=False)


async def test_sessions_are_found_by_their_calls(judge: Judge) -> None:
    """By duration, by a list of remote or local numbers, or by the JSON list of remote ones."""
    account = judge.platform.account
    rule = account.add_rule(account.applications[0], "short", CALL_OF_A_MOMENT)
    session = await start(judge, rule.rule_id)
    await session.closed()
    await start(judge, 1002)
    found = [session.history_id]
    assert ids(await rows(judge, min_duration=1, max_duration=60)) == found
    assert ids(await rows(judge, remote_number=["+15550777", "+15550100"])) == found
    assert ids(await rows(judge, local_number="+15550199")) == found
    assert ids(await rows(judge, remote_number_list=json.dumps(["+15550100"]))) == found
    assert await rows(judge, remote_number="+15550777") == []


@pytest.mark.parametrize(
    "parameters",
    [
        {"user_id": [1]},
        {"child_account_id": [1]},
        {"children_calls_only": True},
        {"is_async": False},
        {"with_header": True},
        {"remote_number_list": ["+15550100"]},
        {"count": 1001},
        {"offset": 10_001},
    ],
)
async def test_what_cannot_be_answered_is_refused(judge: Judge, parameters: dict[str, Any]) -> None:
    """What is not simulated is never ignored, and a page is not longer or further than the platform's."""
    assert await judge.refusal(judge.api.get_call_history, from_date=FROM, to_date=TO, **parameters) == 496


async def test_another_method_is_not_known(judge: Judge) -> None:
    """A method of the platform that is not simulated is a refusal, not an empty answer."""
    assert await judge.refusal(judge.api.get_call_history_async, from_date=FROM, to_date=TO) == 103
