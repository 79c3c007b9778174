"""The Management API's methods, asked as its clients ask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.voximplant import Hang, PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.voximplant.conftest import Caller, OpenPlatform


def code_of(body: dict[str, Any]) -> int:
    """Read the error code of a refusal."""
    code: int = body["error"]["code"]
    return code


async def test_start_answers_with_both_urls_and_the_history_id(caller: Caller) -> None:
    """StartScenarios starts one session, and is seen as one start."""
    body = await caller.call("StartScenarios", rule_id=1001)
    assert body["result"] == 1
    assert body["media_session_access_url"].startswith("http://127.0.0.1:")
    assert body["media_session_access_secure_url"].startswith("https://127.0.0.1:")
    assert list(caller.platform.sessions) == [body["call_session_history_id"]]
    assert [request.parameters["rule_id"] for request in caller.platform.starts(1001)] == ["1001"]
    assert caller.platform.starts(1002) == []


async def test_a_check_url_is_given_when_asked_for(caller: Caller) -> None:
    """What it is for is not specified: it is another address than the session's, and nothing is served there."""
    body = await caller.call("StartScenarios", rule_id=1001)
    assert "media_session_check_url" not in body
    body = await caller.call("StartScenarios", rule_id=1001, with_check_url="true")
    assert (await caller.send(body["media_session_check_url"], b"{}")).status == 404
    assert not caller.platform.deliveries


async def test_a_rule_can_be_started_by_its_name(caller: Caller) -> None:
    """rule_name is the exact name; the same one in two applications needs the application with it."""
    account = caller.platform.account
    other = account.add_application("other")
    assert (await caller.call("StartScenarios", rule_name="stuck"))["result"] == 1
    rule = account.add_rule(other, "stuck", "//")
    assert code_of(await caller.call("StartScenarios", rule_name="stuck")) == 156
    assert (await caller.call("StartScenarios", rule_name="stuck", application_name="other"))["result"] == 1
    assert len(caller.platform.starts(rule.rule_id)) == 1


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, 147),
        ({"rule_id": 9}, 147),
        ({"rule_id": "1001,1002"}, 147),
        ({"rule_id": "obedient"}, 147),
        ({"rule_name": "nobody"}, 156),
        ({"rule_id": 1001, "application_name": "nobody"}, 107),
        ({"rule_id": 1001, "application_id": 1}, 116),
        ({"rule_id": 1001, "user_id": 1}, 496),
        ({"rule_id": 1001, "reference_ip": "here"}, 257),
        ({"rule_id": 1001, "script_custom_data": "é" * 101}, 496),
        ({"rule_id": 1001, "custom_data": "x"}, 496),
    ],
)
async def test_a_wrong_start_is_refused_and_starts_nothing(
    caller: Caller, parameters: dict[str, object], code: int
) -> None:
    """A refusal comes with HTTP 200, a code and a message, and there is no session."""
    body = await caller.call("StartScenarios", **parameters)
    assert code_of(body) == code
    assert body["error"]["msg"]
    assert not caller.platform.sessions
    assert caller.platform.starts() == []


async def test_custom_data_is_limited_in_bytes(caller: Caller) -> None:
    """200 bytes of UTF-8 pass."""
    text = "é" * 100
    body = await caller.call("StartScenarios", rule_id=1001, script_custom_data=text)
    assert caller.platform.sessions[body["call_session_history_id"]].custom_data == text


async def test_a_rule_without_scenario_or_an_account_without_money_starts_nothing(caller: Caller) -> None:
    """375 and 127 are the platform's words for these."""
    account = caller.platform.account
    empty = account.add_rule(account.applications[0], "empty", "")
    assert code_of(await caller.call("StartScenarios", rule_id=empty.rule_id)) == 375
    account.balance = 0.0
    assert code_of(await caller.call("StartScenarios", rule_id=1001)) == 127


async def test_too_many_starts_in_flight_are_429(open_platform: OpenPlatform) -> None:
    """Over the limit StartScenarios is answered with HTTP 429; other methods are not counted."""
    caller = await open_platform(PlatformOptions(in_flight_limit=2))
    caller.platform.faults.management("StartScenarios", Hang(), times=2)
    form = caller.key | {"rule_id": "1001"}
    url = f"{caller.platform.api_url}/StartScenarios"
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await caller.http.post(url, data=form, timeout=aiohttp.ClientTimeout(total=0.5))
    async with caller.http.post(url, data=form) as response:
        assert response.status == 429
    assert "result" in await caller.call("GetAccountInfo")


async def test_get_and_the_form_of_the_official_client_work_too(caller: Caller) -> None:
    """A method is named in the path or as `cmd`, by GET or POST; what stood in the URL is seen."""
    url = caller.platform.api_url
    async with caller.http.get(f"{url}/GetAccountInfo/", params=caller.key) as response:
        assert (await response.json())["result"]["account_id"] == caller.platform.account.account_id
    async with caller.http.post(url, data=caller.key | {"cmd": "GetAccountInfo"}) as response:
        assert (await response.json())["result"]["currency"] == "USD"
    by_get, by_post = caller.platform.requests
    assert (by_get.method, set(by_get.names_in_url)) == ("GetAccountInfo", {"account_id", "api_key"})
    assert (by_post.method, set(by_post.names_in_url)) == ("GetAccountInfo", set())


async def test_an_unknown_method_is_refused(caller: Caller) -> None:
    """What is not simulated is no success, and a call must name its method."""
    assert code_of(await caller.call("StopScenarios")) == 103
    assert caller.platform.requests[0].method == "StopScenarios"
    async with caller.http.post(caller.platform.api_url, data=caller.key) as response:
        assert code_of(await response.json()) == 102


async def test_rules_belong_to_an_application(caller: Caller) -> None:
    """GetRules wants one, by id or by name."""
    application = caller.platform.account.applications[0]
    by_id = await caller.call("GetRules", application_id=application.application_id)
    by_name = await caller.call("GetRules", application_name="demo")
    assert by_id == by_name
    row = by_id["result"][0]
    assert (row["rule_id"], row["rule_name"], row["video_conference"]) == (1001, "obedient", False)
    assert row["scenarios"] == []
    assert code_of(await caller.call("GetRules")) == 116
    assert code_of(await caller.call("GetRules", application_id=1)) == 116


async def test_scenarios_are_listed_when_asked_for(caller: Caller) -> None:
    """A rule names its scenarios, in their order, with with_scenarios; one without a scenario has an empty list."""
    account = caller.platform.account
    application = account.add_application("other")
    rule = account.add_rule(application, "ready", "//", "// the second")
    account.add_rule(application, "empty", "")
    body = await caller.call("GetRules", application_name="other", with_scenarios="True")
    ready, empty = (row["scenarios"] for row in body["result"])
    assert [(one["scenario_id"], one["scenario_name"]) for one in ready] == [
        (rule.scenario_ids[0], "ready"),
        (rule.scenario_ids[1], "ready 2"),
    ]
    assert empty == []
    (row,) = (await caller.call("GetApplications", application_name="other", with_rules="True"))["result"]
    assert [(one["scenarios"], one["rule_name"]) for one in row["rules"]] == [([], "ready"), ([], "empty")]
    (row,) = (await caller.call("GetApplications", application_name="other", with_scenarios="True"))["result"]
    assert row["rules"] == body["result"]


async def test_a_rules_name_is_a_substring_filter(caller: Caller) -> None:
    """`st` finds all rules with it; an id is one number, and what is not simulated is refused."""

    async def found(**parameters: object) -> list[int]:
        body = await caller.call("GetRules", application_name="demo", **parameters)
        return [row["rule_id"] for row in body["result"]]

    assert await found(rule_name="st") == [1002, 1003, 1004]
    assert await found(rule_id=1005) == [1005]
    assert await found(video_conference="true") == []
    assert code_of(await caller.call("GetRules", application_name="demo", rule_id="1001;1005")) == 147
    assert code_of(await caller.call("GetRules", application_name="demo", attached_key_id="x")) == 496


async def test_lists_are_paged(caller: Caller) -> None:
    """A list is cut by count (20 by default) and offset; total_count tells its whole length."""
    account = caller.platform.account
    application = account.add_application("many")
    for number in range(30):
        account.add_rule(application, f"rule {number}", "//")
    body = await caller.call("GetRules", application_name="many")
    assert (len(body["result"]), body["count"], body["total_count"]) == (20, 20, 30)
    body = await caller.call("GetRules", application_name="many", count=8, offset=25)
    assert [row["rule_name"] for row in body["result"]] == [f"rule {number}" for number in range(25, 30)]
    assert (body["count"], body["total_count"]) == (5, 30)
    assert code_of(await caller.call("GetRules", application_name="many", count=1001)) == 496
    assert code_of(await caller.call("GetRules", application_name="many", offset=-1)) == 496


async def test_applications_are_found_by_part_of_their_name(caller: Caller) -> None:
    """GetApplications lists all, or those whose name holds a text."""
    caller.platform.account.add_application("demo two")
    caller.platform.account.add_application("other")
    body = await caller.call("GetApplications", application_name="demo")
    names = [row["application_name"] for row in body["result"]]
    assert names == ["demo.sandbox.voximplant.com", "demo two.sandbox.voximplant.com"]
    assert (await caller.call("GetApplications"))["total_count"] == 3


async def test_a_success_may_carry_warnings(caller: Caller) -> None:
    """Authentication by key still works and is warned about."""
    body = await caller.call("GetAccountInfo", return_live_balance="true")
    assert body["warnings"]
    assert body["result"]["live_balance"] == body["result"]["balance"]


async def test_slashes_are_escaped_as_the_platform_does(caller: Caller) -> None:
    """The raw JSON has no bare slash; a client that reads JSON does not notice."""
    async with caller.http.post(
        f"{caller.platform.api_url}/StartScenarios", data=caller.key | {"rule_id": "1001"}
    ) as r:
        raw = await r.text()
    assert "https:\\/\\/127.0.0.1" in raw
    assert json.loads(raw)["media_session_access_secure_url"].startswith("https://")


async def test_a_parameter_that_is_repeated_is_a_list(caller: Caller) -> None:
    """A list is joined with `;` or, as in the documented examples, repeats its name; a number alone cannot."""
    one, two = [await caller.call("AddScenario", scenario_name=name) for name in ("one", "two")]
    ids = [("scenario_id", str(each["scenario_id"])) for each in (one, two)]
    form = [*caller.key.items(), ("rule_id", "1001"), *ids]
    async with caller.http.post(f"{caller.platform.api_url}/BindScenario", data=form) as response:
        assert (await response.json())["result"] == 1
    (row,) = (await caller.call("GetRules", application_name="demo", rule_id=1001, with_scenarios="1"))["result"]
    assert [scenario["scenario_name"] for scenario in row["scenarios"]] == ["obedient", "one", "two"]
    twice = [*form, ("rule_id", "1001")]
    async with caller.http.post(f"{caller.platform.api_url}/BindScenario", data=twice) as response:
        assert code_of(await response.json()) == 147


async def test_an_id_and_a_name_must_agree(caller: Caller) -> None:
    """Where a scenario or a rule is named twice, and not the same one, nothing is bound."""
    for wrong in ({"scenario_name": "crash"}, {"scenario_name": "stuck;crash"}, {"rule_name": "crash"}):
        body = await caller.call("BindScenario", scenario_id=5002, rule_id=1001, **wrong)
        assert code_of(body) == (156 if "rule_name" in wrong else 168)
    assert (await caller.call("BindScenario", scenario_id=5002, scenario_name="stuck", rule_id=1001))["result"] == 1


async def test_a_form_goes_before_the_url(caller: Caller) -> None:
    """A parameter that stands in both is taken from the form."""
    url = f"{caller.platform.api_url}/GetScenarios?count=1&offset=2"
    async with caller.http.post(url, data=caller.key | {"count": "2"}) as response:
        assert [row["scenario_name"] for row in (await response.json())["result"]] == ["slow-stop", "any-request"]


async def test_the_api_key_is_not_limited_by_roles(caller: Caller) -> None:
    """A method that the service account lacks the role for is still there for the account's key."""
    caller.platform.account.forbidden.add("GetScenarios")
    assert (await caller.call("GetScenarios"))["total_count"] == 5
