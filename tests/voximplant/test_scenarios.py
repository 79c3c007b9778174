"""The scenarios of the account, at a scripted server that speaks real HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.voximplant._management import Management, ScenarioRef
from bot.voximplant._scenarios import Scenario
from bot.voximplant.errors import BadParameter, NotUnderstood, PlatformFault, RoleMissing, TimedOut

from .conftest import form, management_of, paged

MODIFIED = datetime(2026, 11, 20, 2, 14, 5, tzinfo=UTC)
LONG = "// a source of the customer's\n" * 7
ROW = {"scenario_id": 7, "scenario_name": "greeting", "modified": "2026-11-20 02:14:05", "parent": False}


def asked(server: Any) -> tuple[str, dict[str, str]]:
    """Return the method and the form of the last request, without the credentials."""
    request = server.requests[-1]
    return request.line.split("/")[2], {k: v for k, v in form(request).items() if k not in {"account_id", "api_key"}}


async def test_a_rule_names_its_scenarios_in_order(server: Any, management: Management) -> None:
    """Rules are asked for with their scenarios, which stay in the platform's order."""
    paged(server, [{"rule_id": 1, "rule_name": "a", "scenarios": [ROW, {"scenario_id": "3", "scenario_name": "kit"}]}])
    (rule,) = await management.rules(3, "calls")
    assert rule.scenarios == (ScenarioRef(7, "greeting", MODIFIED), ScenarioRef(3, "kit", None))
    assert form(server.requests[-1])["with_scenarios"] == "true"


@pytest.mark.parametrize(
    "scenarios", [None, "greeting", [ROW, 7], [ROW, {"scenario_id": 0, "scenario_name": "x"}], [{"scenario_id": 1}]]
)
async def test_an_order_that_cannot_be_read_whole_is_unread(
    server: Any, management: Management, scenarios: object
) -> None:
    """One unreadable scenario leaves a rule's order unknown, and the rule itself is read."""
    paged(server, [{"rule_id": 1, "rule_name": "a", "scenarios": scenarios}])
    (rule,) = await management.rules(3, "calls")
    assert (rule.id, rule.scenarios) == (1, None)


async def test_a_rule_without_scenarios_has_none(server: Any, management: Management) -> None:
    """An empty list is known to be empty, which is not the same as unread."""
    paged(server, [{"rule_id": 1, "rule_name": "a", "scenarios": []}])
    assert (await management.rules(3, "calls"))[0].scenarios == ()


async def test_scenarios_are_listed_without_sources(server: Any, management: Management) -> None:
    """The list of all scenarios names no scenario and asks for no source."""
    paged(server, [ROW, {"scenario_id": 8, "scenario_name": 42, "modified": "?"}, {"scenario_id": 9}])
    listed = await management.scenarios.all()
    assert (listed, listed.unread) == ([Scenario(7, "greeting", MODIFIED), Scenario(8, "42", None)], 1)
    assert asked(server) == ("GetScenarios", {"count": "100", "offset": "0"})
    await management.scenarios.all(3)
    assert asked(server)[1]["application_id"] == "3"


async def test_a_source_comes_for_one_scenario(server: Any, management: Management) -> None:
    """A source is asked for by the scenario's id, comes as it is, and is in no repr."""
    paged(server, [ROW | {"scenario_script": "// číslo\n"}])
    scenario = await management.scenarios.with_source(7)
    assert scenario is not None
    assert scenario.source == "// číslo\n"
    assert "číslo" not in repr(scenario)
    assert asked(server)[1] == {"scenario_id": "7", "with_script": "true", "count": "100", "offset": "0"}


@pytest.mark.parametrize("rows", [[], [{**ROW, "scenario_id": 8}]])
async def test_a_scenario_that_is_not_listed_is_none(server: Any, management: Management, rows: list[Any]) -> None:
    """A row of another scenario is no answer."""
    paged(server, rows)
    assert await management.scenarios.with_source(7) is None


async def test_a_source_that_does_not_come_is_none(server: Any, management: Management) -> None:
    """A row without a readable source is a scenario whose source is not known."""
    paged(server, [ROW | {"scenario_script": {"text": "x"}}])
    scenario = await management.scenarios.with_source(7)
    assert scenario is not None
    assert scenario.source is None


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, {}),
        ({"application_id": 3}, {"application_id": "3"}),
        ({"rewrite": True}, {"rewrite": "true"}),
    ],
)
async def test_a_scenario_is_added(
    server: Any, management: Management, options: dict[str, Any], sent: dict[str, str]
) -> None:
    """AddScenario is a form POST with the source in it; without an application the scenario is shared."""
    server.says(200, {"result": 1, "scenario_id": 7})
    source = "// číslo & 100% +\n"
    assert await management.scenarios.add("kit", source, **options) == 7
    assert asked(server) == ("AddScenario", {"scenario_name": "kit", "scenario_script": source, **sent})


async def test_a_scenario_is_changed_bound_ordered_unbound_and_deleted(server: Any, management: Management) -> None:
    """Each change is one request whose form names what the official clients name."""
    server.says(200, {"result": 1})
    scenarios = management.scenarios
    await scenarios.change(7, source="x")
    assert asked(server) == ("SetScenarioInfo", {"scenario_id": "7", "scenario_script": "x"})
    of_rule = {"scenario_id": "7", "rule_id": "5", "application_id": "3"}
    await scenarios.bind(7, rule_id=5, application_id=3)
    assert asked(server) == ("BindScenario", {**of_rule, "bind": "true"})
    await scenarios.unbind(7, rule_id=5, application_id=3)
    assert asked(server) == ("BindScenario", {**of_rule, "bind": "false"})
    await scenarios.reorder([7, 9, 8], rule_id=5)
    assert asked(server) == ("ReorderScenarios", {"rule_id": "5", "scenario_id": "7;9;8"})
    await scenarios.delete(7)
    assert asked(server) == ("DelScenario", {"scenario_id": "7"})
    assert len(server.requests) == 5


@pytest.mark.parametrize("answer", [{"result": 0}, {"result": "no"}, {"scenario_id": 7}])
async def test_a_change_that_is_not_confirmed_is_unknown(
    server: Any, management: Management, answer: dict[str, object]
) -> None:
    """Only `result` 1 says that a change came about."""
    server.says(200, answer)
    with pytest.raises(NotUnderstood):
        await management.scenarios.delete(7)


async def test_an_added_scenario_without_an_id_is_unknown(server: Any, management: Management) -> None:
    """An answer that does not name the new scenario leaves unknown whether there is one."""
    server.says(200, {"result": 1})
    with pytest.raises(NotUnderstood):
        await management.scenarios.add("kit", "x")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("code", "error"), [(104, RoleMissing), (2, PlatformFault)])
async def test_a_refused_change_is_not_repeated(
    server: Any, management: Management, code: int, error: type[Exception]
) -> None:
    """A refusal or a fault of the platform is raised after one request."""
    server.says(200, {"error": {"code": code, "msg": "no"}})
    with pytest.raises(error):
        await management.scenarios.add("kit", "x")
    assert len(server.requests) == 1


async def test_a_change_that_hangs_is_not_repeated(server: Any, lanes: Any) -> None:
    """A change without an answer is unknown, after one request."""
    server.hangs()
    with pytest.raises(TimedOut):
        await management_of(server, lanes, read_timeout=0.05).scenarios.bind(7, rule_id=5, application_id=3)
    assert len(server.requests) <= 1


async def test_no_error_shows_a_source(server: Any, management: Management, told: Any) -> None:
    """A refusal shows nothing of the source that was sent, and none is logged."""
    server.says(200, {"error": {"code": 496, "msg": "no"}})
    with pytest.raises(BadParameter) as caught:
        await management.scenarios.add("kit", LONG)
    assert LONG not in told(caught.value)
