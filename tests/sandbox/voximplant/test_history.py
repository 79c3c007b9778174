"""The call history: what is known of a session, when, and how it is asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.voximplant import CallSettings, InboundCall, PlatformOptions
from bot.sandbox.voximplant import _history as history

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform

CALL_OF_A_MOMENT = """
const call = VoxEngine.callPSTN("+15550100", "+15550199");
call.addEventListener(CallEvents.Connected, () => call.hangup());
call.addEventListener(CallEvents.Disconnected, () => VoxEngine.terminate());
"""


ANY_TIME = {"from_date": "2020-01-01 00:00:00", "to_date": "2120-01-01 00:00:00"}


async def ask(caller: Caller, **parameters: object) -> dict[str, Any]:
    """Ask GetCallHistory, over any time when no dates are given; an empty date is left out."""
    given = {name: value for name, value in (ANY_TIME | parameters).items() if value != ""}
    return await caller.call("GetCallHistory", **given)


async def rows(caller: Caller, **parameters: object) -> list[dict[str, Any]]:
    """Ask GetCallHistory for its rows."""
    found: list[dict[str, Any]] = (await ask(caller, **parameters))["result"]
    return found


async def test_a_running_session_is_active_and_has_no_end(caller: Caller) -> None:
    """While it runs, a row says active and has neither finish_reason nor duration, nor any URL to act by."""
    started = await caller.start(1002, "tag")
    (row,) = await rows(caller, call_session_history_id=started.session.history_id)
    assert row["active"] is True
    assert not row.keys() & {"finish_reason", "duration"}
    assert (row["rule_name"], row["application_name"], row["custom_data"]) == ("stuck", "demo", "tag")
    assert "/request/" not in str(row)


async def test_an_ended_session_has_its_reason_duration_and_costs(caller: Caller) -> None:
    """After the end the row says why, how long and, when asked for, what it cost."""
    started = await caller.run(CALL_OF_A_MOMENT)
    await started.session.closed()
    asked = {"with_calls": "true", "with_records": "True", "with_other_resources": "1"}
    (row,) = await rows(caller, call_session_history_id=started.session.history_id, **asked)
    assert (row["active"], row["finish_reason"]) == (False, "Normal termination")
    assert row["duration"] >= 1
    (call,) = row["calls"]
    assert (call["remote_number"], call["successful"], call["incoming"]) == ("+15550100", True, False)
    assert call["cost"] > 0
    assert row["other_resource_usage"][0]["cost"] > 0
    assert row["records"] == []


async def test_a_row_has_what_the_clients_promise(caller: Caller) -> None:
    """The fields that the Node client's typings call always present are there, whatever became of the session."""
    promised = {
        "row": "audio_quality rule_name application_name call_session_history_id account_id application_id user_id"
        " start_date initiator_address media_server_address log_file_url",
        "call": "call_id start_time local_number remote_number remote_number_type incoming successful transaction_id"
        " media_server_address",
        "usage": "resource_usage_id resource_type used_at transaction_id",
        "application": "application_id application_name modified secure_record_storage",
        "rule": "rule_id application_id rule_name rule_pattern video_conference scenarios modified",
        "scenario": "scenario_id scenario_name modified parent",
        "account": "account_id account_name account_email created active",
    }
    started = await caller.run(CALL_OF_A_MOMENT)
    await started.session.closed()
    (row,) = await rows(caller, with_calls="true", with_other_resources="true")
    (application,) = (await caller.call("GetApplications"))["result"]
    rule = (await caller.call("GetRules", application_name="demo", with_scenarios="true"))["result"][0]
    found = {
        "row": row,
        "call": row["calls"][0],
        "usage": row["other_resource_usage"][0],
        "application": application,
        "rule": rule,
        "scenario": rule["scenarios"][0],
        "account": (await caller.call("GetAccountInfo"))["result"],
    }
    missing = {what: set(names.split()) - found[what].keys() for what, names in promised.items()}
    assert not any(missing.values()), missing


async def test_a_call_that_came_in_is_in_the_history_as_such(caller: Caller) -> None:
    """Its remote number is the caller's, its local one the number that was dialled, and it is found by both."""
    account = caller.platform.account
    source = (
        "VoxEngine.addEventListener(AppEvents.CallAlerting, (e) => { e.call.reject(486); VoxEngine.terminate(); });"
    )
    rule = account.add_rule(account.applications[0], "inbound", source)
    session = caller.platform.ring(rule, InboundCall(caller_id="+15550111", destination="+15550122"))
    await session.closed()
    (row,) = await rows(caller, with_calls="true", remote_number="+15550111")
    (call,) = row["calls"]
    assert (call["local_number"], call["remote_number"], call["remote_number_type"]) == (
        "+15550122",
        "+15550111",
        "pstn",
    )
    assert (call["incoming"], call["successful"]) == (True, False)


async def test_a_call_that_was_never_answered_was_not_successful(open_platform: OpenPlatform) -> None:
    """A session that is ended while its call still rings has an unsuccessful call that cost nothing."""
    caller = await open_platform(PlatformOptions(calls=CallSettings(connect_seconds=3600)))
    started = await caller.start(1002)
    await caller.send(started.url, b"so that Started had its turn")
    started.session.end()
    (row,) = await rows(caller, with_calls="true")
    assert row["finish_reason"] == "Terminated administratively"
    assert (row["calls"][0]["successful"], row["calls"][0]["cost"]) == (False, 0)


async def test_costs_come_only_when_asked_for(caller: Caller) -> None:
    """Calls, records and resources are not in a row without their flag."""
    await caller.start(1002)
    (row,) = await rows(caller)
    assert not row.keys() & {"calls", "records", "other_resource_usage"}


async def test_rows_are_found_by_id_rule_application_and_data(caller: Caller) -> None:
    """Each filter narrows; an id that is not known is simply absent."""
    one, two = await caller.start(1001, "a"), await caller.start(1002, "b")

    async def found(**parameters: object) -> list[int]:
        return [row["call_session_history_id"] for row in await rows(caller, **parameters)]

    first, second = one.session.history_id, two.session.history_id
    assert await found(call_session_history_id=f"{first};{second};7") == [first, second]
    assert await found(rule_name="stuck", application_name="demo") == [second]
    assert await found(call_session_history_custom_data="a") == [first]
    assert await found(desc_order="true", count=1) == [second]
    assert await found(application_name="demo", count=1, offset=1) == [second]


@pytest.mark.parametrize(
    ("parameters", "code", "field_name"),
    [
        ({"call_session_history_id": "1,2"}, 150, "call_session_history_id"),
        ({"call_session_history_id": "1;two"}, 150, "call_session_history_id"),
        ({"call_session_history_id": "1;"}, 150, "call_session_history_id"),
        ({"call_session_history_id": "9" * 5000}, 150, "call_session_history_id"),
        ({"call_session_history_id": ";".join("7" * 1001)}, 150, "call_session_history_id"),
        ({"application_id": 1}, 116, "application_id"),
        ({"application_name": "nobody"}, 107, "application_name"),
        ({"rule_name": "stuck"}, 156, "rule_name"),
        ({"from_date": ""}, 134, "from_date"),
        ({"to_date": ""}, 134, "to_date"),
        ({"from_date": "yesterday"}, 111, "from_date"),
        ({"from_date": "2026-1-1 0:0:0"}, 111, "from_date"),
        ({"to_date": "2026-02-30 00:00:00"}, 111, "to_date"),
        ({"from_date": "2121-01-01 00:00:00"}, 123, None),
        ({"timezone": "Mars/North"}, 496, "timezone"),
        ({"timezone": "Etc"}, 496, "timezone"),
        ({"timezone": "../../etc"}, 496, "timezone"),
        ({"with_calls": "maybe"}, 496, "with_calls"),
        ({"min_duration": "-1"}, 496, "min_duration"),
        ({"remote_number": "+15550100,+15550101"}, 496, "remote_number"),
        ({"remote_number_list": "+15550100"}, 496, "remote_number_list"),
        ({"remote_number_list": "[15550100]"}, 496, "remote_number_list"),
        ({"count": 1001}, 496, "count"),
        ({"offset": 10_001}, 496, "offset"),
        ({"user_id": 1}, 496, "user_id"),
        ({"is_async": "true"}, 496, "is_async"),
        ({"state": "running"}, 496, "state"),
    ],
)
async def test_a_wrong_question_is_refused(
    caller: Caller, parameters: dict[str, object], code: int, field_name: str | None
) -> None:
    """Wrong lists, dates that are missing or wrong, and what is not known or not simulated, are named errors."""
    error = (await ask(caller, **parameters))["error"]
    assert (error["code"], error.get("field_name")) == (code, field_name)
    assert error["msg"]


async def test_what_is_not_simulated_says_so(caller: Caller) -> None:
    """A documented filter that the sandbox does not play is not told to be wrong."""
    error = (await ask(caller, user_id=1))["error"]
    assert error["msg"] == "The sandbox does not simulate the 'user_id' parameter."


async def test_rows_are_found_by_their_duration(caller: Caller) -> None:
    """Both bounds hold in whole seconds; a session that runs has no duration and fits neither."""
    ended = await caller.run("VoxEngine.terminate()")
    await ended.session.closed()
    await caller.start(1002)

    async def found(**parameters: object) -> list[int]:
        return [row["call_session_history_id"] for row in await rows(caller, **parameters)]

    (row,) = await rows(caller, min_duration=0)
    seconds = row["duration"]
    assert row["call_session_history_id"] == ended.session.history_id
    assert await found(min_duration=seconds, max_duration=seconds) == [ended.session.history_id]
    assert await found(min_duration=seconds + 1) == await found(max_duration=seconds - 1) == []


async def test_rows_are_found_by_the_numbers_of_one_call(caller: Caller) -> None:
    """Remote and local numbers must be those of the same call; the JSON list counts more than the other form."""
    started = await caller.run(
        CALL_OF_A_MOMENT + 'VoxEngine.callPSTN("+15550486", "+15550111");  // busy, so over at once'
    )
    await started.session.closed()
    await caller.start(1002)

    async def found(**parameters: object) -> bool:
        ids = [row["call_session_history_id"] for row in await rows(caller, **parameters)]
        assert ids in ([], [started.session.history_id])
        return bool(ids)

    assert await found(remote_number="+15550777;+15550100")
    assert await found(local_number="+15550199", remote_number="+15550100")
    assert not await found(local_number="+15550111", remote_number="+15550100")
    assert not await found(remote_number="15550100")
    assert await found(remote_number_list='["+15550100"]', remote_number="+15550777")
    assert await found(remote_number_list="[]", remote_number="+15550100")
    assert not await found(remote_number_list='["+15550777"]', remote_number="+15550100")


async def test_the_total_can_be_left_out(caller: Caller) -> None:
    """with_total_count is true by default; the time zone that was used is told."""
    await caller.start(1002)
    assert (await ask(caller, count=0))["total_count"] == 1
    body = await ask(caller, with_total_count="False", timezone="Asia/Tokyo")
    assert (body["count"], body["timezone"], "total_count" in body) == (1, "Asia/Tokyo", False)


async def test_a_thousand_ids_may_be_asked_at_once(caller: Caller) -> None:
    """1000 ids in one call are the documented most."""
    assert await rows(caller, call_session_history_id=";".join(["7"] * 1000)) == []


async def test_one_id_of_nobody_can_break_a_question(open_platform: OpenPlatform) -> None:
    """Where unknown ids are refused, one among known ones refuses them all, with the documented code."""
    caller = await open_platform(PlatformOptions(unknown_ids_refused=True))
    known = (await caller.start(1002)).session.history_id
    assert len(await rows(caller, call_session_history_id=known)) == 1
    refused = await ask(caller, call_session_history_id=f"{known};{known + 1}")
    assert refused["error"]["code"] == 150


async def test_dates_are_read_and_shown_in_the_asked_time_zone(caller: Caller) -> None:
    """from_date and to_date hold for the start, in the zone that is given, and start_date is told in it."""
    started = await caller.start(1002)
    zone = ZoneInfo("Asia/Tokyo")
    at = started.session.started_at.astimezone(zone)

    async def found(from_date: datetime, to_date: datetime) -> list[dict[str, Any]]:
        dates = {"from_date": f"{from_date:%Y-%m-%d %H:%M:%S}", "to_date": f"{to_date:%Y-%m-%d %H:%M:%S}"}
        return await rows(caller, timezone="Asia/Tokyo", **dates)

    second = timedelta(seconds=1)
    (row,) = await found(at, at)
    assert row["start_date"] == f"{at:%Y-%m-%d %H:%M:%S}"
    assert await found(at + second, at + second) == []
    assert await found(at - second, at - second) == []


async def test_a_row_appears_after_the_delay(open_platform: OpenPlatform) -> None:
    """A platform that is behind does not know a fresh session: absent is not ended."""
    caller = await open_platform(PlatformOptions(history_delay_seconds=3600))
    await caller.start(1002)
    assert await rows(caller) == []


async def test_start_and_end_are_known_a_delay_later(caller: Caller) -> None:
    """The row comes one delay after the start, and says the end one delay after the end."""
    started = await caller.run("VoxEngine.terminate()")
    await started.session.closed()
    session, delay = started.session, timedelta(hours=1)
    assert session.ended_at is not None
    session.started_at = session.ended_at - timedelta(minutes=30)

    def known(now: datetime) -> list[tuple[bool, str | None]]:
        scenarios = caller.platform._engine.started.values()
        far = timedelta(days=1)
        query = history.HistoryQuery(
            timezone=ZoneInfo("UTC"), from_date=session.started_at - far, to_date=session.started_at + far
        )
        told = history.rows(scenarios, query, caller.platform.account, now, delay)
        return [(row["active"], row.get("finish_reason")) for row in told]

    second = timedelta(seconds=1)
    assert known(session.started_at + delay - second) == []
    assert known(session.started_at + delay) == [(True, None)]
    assert known(session.ended_at + delay - second) == [(True, None)]
    assert known(session.ended_at + delay) == [(False, "Normal termination")]


async def test_the_log_is_served_with_its_times(caller: Caller) -> None:
    """log_file_url leads to what the scenario logged, one timed line each; other names lead to nothing."""
    started = await caller.run('Logger.write("hello é"); VoxEngine.terminate()')
    await started.session.closed()
    (row,) = await rows(caller)
    async with caller.http.get(row["log_file_url"]) as response:
        text = await response.text()
    moment, _, line = text.rstrip("\n").rpartition(" hello")
    assert line == " é"
    assert datetime.fromisoformat(moment).replace(tzinfo=UTC) >= started.session.started_at
    async with caller.http.get(row["log_file_url"] + "0") as response:
        assert response.status == 404
