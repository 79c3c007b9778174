"""Scenarios and their bindings, changed and read by the official client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge

ANSWERS_ONE = "VoxEngine.addEventListener(AppEvents.Started, () => { Logger.write('one'); VoxEngine.terminate(); });"
ANSWERS_TWO = "Logger.write('two');"


async def added(judge: Judge, name: str, source: str = "//", **where: object) -> int:
    """Add a scenario; its id."""
    answer = await judge.ask(judge.api.add_scenario, name, source, **where)
    assert answer["result"] == 1
    scenario_id: int = answer["scenario_id"]
    return scenario_id


async def names_of(judge: Judge, rule_id: int) -> list[str]:
    """Read the names of a rule's scenarios in their order."""
    answer = await judge.ask(judge.api.get_rules, application_name="demo", rule_id=rule_id, with_scenarios=True)
    (row,) = answer["result"]
    return [scenario["scenario_name"] for scenario in row["scenarios"]]


async def test_a_scenario_is_added_read_changed_and_deleted(judge: Judge) -> None:
    """A new scenario is listed with its date, its source is given by its id, and a deleted one is gone."""
    api = judge.api
    scenario_id = await added(judge, "first", "Logger.write('ü');")
    (row,) = (await judge.ask(api.get_scenarios, scenario_id=scenario_id, with_script=True))["result"]
    assert (row["scenario_name"], row["scenario_script"], row["parent"]) == ("first", "Logger.write('ü');", False)
    answer = await judge.ask(api.set_scenario_info, scenario_id=scenario_id, scenario_name="one", scenario_script="1")
    assert answer["result"] == 1
    await judge.ask(api.set_scenario_info, required_scenario_name="one", scenario_script="2")
    (row,) = (await judge.ask(api.get_scenarios, scenario_id=scenario_id, with_script=True))["result"]
    assert (row["scenario_name"], row["scenario_script"]) == ("one", "2")
    assert (await judge.ask(api.del_scenario, scenario_name="one"))["result"] == 1
    assert (await judge.ask(api.get_scenarios, scenario_id=scenario_id))["result"] == []
    assert await judge.refusal(api.del_scenario, scenario_id=scenario_id) == 132


async def test_a_source_is_given_for_one_scenario_only(judge: Judge) -> None:
    """Lists have no sources, also when they are asked for, because the id must be given too."""
    for rows in (
        await judge.ask(judge.api.get_scenarios, with_script=True),
        await judge.ask(judge.api.get_scenarios, scenario_name="stuck", with_script=True),
    ):
        assert rows["result"]
        assert not any("scenario_script" in row for row in rows["result"])


async def test_scenarios_are_found_and_paged(judge: Judge) -> None:
    """The name is a part in any case of letters, 20 are a page, and an application's list has no shared ones."""
    api = judge.api
    for number in range(25):
        await added(judge, f"Page {number:02}", application_name="demo")
    await added(judge, "page shared")
    first = await judge.ask(api.get_scenarios, scenario_name="pAGE")
    rest = await judge.ask(api.get_scenarios, scenario_name="page", count=30, offset=20)
    assert (first["count"], first["total_count"], rest["count"]) == (20, 26, 6)
    names = [row["scenario_name"] for row in (*first["result"], *rest["result"])]
    assert names == [*(f"Page {number:02}" for number in range(25)), "page shared"]
    own = await judge.ask(api.get_scenarios, scenario_name="page", application_name="demo")
    demo = judge.platform.account.applications[0]
    assert (own["total_count"], own["application_id"], own["application_name"]) == (25, demo.application_id, "demo")


async def test_a_name_is_unique_in_its_application(judge: Judge) -> None:
    """A name in use is 133, rewritten on request under its id; another application may use it too."""
    api, account = judge.api, judge.platform.account
    other = account.add_application("other")
    scenario_id = await added(judge, "twice", "1")
    assert await judge.refusal(api.add_scenario, "twice", "2") == 133
    assert await added(judge, "twice", "2", rewrite=True) == scenario_id
    assert account.scenarios[scenario_id].source == "2"
    assert await added(judge, "twice", "3", application_id=other.application_id) != scenario_id
    other_id = await added(judge, "other")
    assert await judge.refusal(api.set_scenario_info, scenario_id=other_id, scenario_name="twice") == 133
    assert await judge.refusal(api.set_scenario_info, required_scenario_name="twice", scenario_script="4") == 168


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"scenario_name": ""}, 134),
        ({"scenario_name": "n" * 30}, 168),
        ({"scenario_name": "a;b"}, 168),
        ({"scenario_name": "big", "scenario_script": "x" * 131_072}, 130),
        ({"scenario_name": "big", "scenario_script": "я" * 65_536}, 130),
        ({"scenario_name": "huge", "scenario_script": "x" * 2_000_000}, 130),
        ({"scenario_name": "new", "application_id": 9}, 116),
        ({"scenario_name": "new", "rule_id": 9}, 147),
        ({"scenario_name": "new", "rule_name": "nobody"}, 156),
        ({"scenario_name": "new", "rewrite": "perhaps"}, 496),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_wrong_scenario_is_refused_and_not_added(judge: Judge, parameters: dict[str, Any], code: int) -> None:
    """Each fault has its code, and the account has no scenario more."""
    before = dict(judge.platform.account.scenarios)
    assert await judge.refusal(judge.api.add_scenario, **parameters) == code
    assert judge.platform.account.scenarios == before


async def test_the_longest_name_and_source_are_taken(judge: Judge) -> None:
    """A name of 29 characters and a source of one byte less than 128 KB are allowed."""
    source = "я" * 65_535 + "x"
    scenario_id = await added(judge, "ж" * 29, source)
    assert judge.platform.account.scenarios[scenario_id].source == source


async def test_scenarios_of_a_rule_are_bound_ordered_and_unbound(judge: Judge) -> None:
    """A rule's scenarios are its own and those bound to it, once each, in the order that was asked for."""
    api = judge.api
    first, second = await added(judge, "first"), await added(judge, "second", application_name="demo")
    assert (await judge.ask(api.bind_scenario, scenario_id=[first, second], rule_id=1001, bind=True))["result"] == 1
    await judge.ask(api.bind_scenario, scenario_name="first", rule_name="obedient", application_name="demo")
    assert await names_of(judge, 1001) == ["obedient", "first", "second"]
    assert (await judge.ask(api.reorder_scenarios, [second, first], rule_id=1001))["result"] == 1
    assert await names_of(judge, 1001) == ["second", "first", "obedient"]
    await judge.ask(api.bind_scenario, scenario_name=["second", "obedient"], rule_id=1001, bind=False)
    assert await names_of(judge, 1001) == ["first"]
    await judge.ask(api.bind_scenario, scenario_id=second, rule_id=1001, bind=False)
    await judge.ask(api.del_scenario, scenario_id=[first, second])
    assert await names_of(judge, 1001) == []
    assert await judge.refusal(api.start_scenarios, rule_id=1001) == 375


async def test_a_new_scenario_may_be_bound_at_once(judge: Judge) -> None:
    """AddScenario binds to a rule, behind its scenarios; rewriting does not bind it twice."""
    await added(judge, "guard", rule_id=1002)
    await added(judge, "guard", "2", rule_name="stuck", rewrite=True)
    assert await names_of(judge, 1002) == ["stuck", "guard"]


async def test_a_rule_runs_only_scenarios_of_its_application_or_shared_ones(judge: Judge) -> None:
    """A scenario of another application is refused by id and by name, and nothing is bound."""
    api, account = judge.api, judge.platform.account
    other = account.add_application("other")
    scenario_id = await added(judge, "foreign", application_id=other.application_id)
    shared = await added(judge, "shared")
    assert await judge.refusal(api.bind_scenario, scenario_id=[shared, scenario_id], rule_id=1001) == 132
    assert await judge.refusal(api.bind_scenario, scenario_name="foreign", rule_id=1001) == 168
    assert await judge.refusal(api.add_scenario, "new", "//", rule_id=1001, application_name="other") == 147
    assert await names_of(judge, 1001) == ["obedient"]


async def test_wrong_bindings_are_refused(judge: Judge) -> None:
    """An unknown rule, application or scenario, a list with a comma and an order of others have their codes."""
    bind, reorder = judge.api.bind_scenario, judge.api.reorder_scenarios
    free = await added(judge, "free")
    assert await judge.refusal(bind, scenario_id=free) == 147
    assert await judge.refusal(bind, scenario_id=free, rule_id=9) == 147
    assert await judge.refusal(bind, scenario_id=free, rule_id=1001, application_id=9) == 116
    assert await judge.refusal(bind, scenario_id=9, rule_id=1001) == 132
    assert await judge.refusal(bind, scenario_id=f"{free},{free}", rule_id=1001) == 132
    assert await judge.refusal(bind, rule_id=1001) == 134
    assert await judge.refusal(reorder, free, rule_id=1001) == 132
    assert await judge.refusal(reorder, free, rule_name="nobody") == 156
    assert await judge.refusal(reorder, "", rule_id=1001) == 134
    assert await names_of(judge, 1001) == ["obedient"]


async def test_a_running_session_keeps_its_scenarios(judge: Judge) -> None:
    """A change is for the sessions that start after it; several scenarios run in one session, in their order."""
    api, sessions = judge.api, judge.platform.sessions
    rule = judge.platform.account.add_rule(judge.platform.account.applications[0], "two", "// waits")
    waiting = await judge.ask(api.start_scenarios, rule_id=rule.rule_id)
    await added(judge, "two", ANSWERS_ONE, application_name="demo", rewrite=True)
    await added(judge, "more", ANSWERS_TWO, rule_id=rule.rule_id)
    changed = await judge.ask(api.start_scenarios, rule_id=rule.rule_id)
    session = sessions[changed["call_session_history_id"]]
    await session.closed()
    assert [line.rpartition(" ")[2] for line in session.log if line.endswith(("one", "two"))] == ["two", "one"]
    assert sessions[waiting["call_session_history_id"]].ended_at is None


async def test_a_missing_role_is_told_for_the_service_account(judge: Judge) -> None:
    """A method without its role is 104 for the token, changes nothing, and leaves the others alone."""
    judge.platform.account.forbidden.add("AddScenario")
    assert await judge.refusal(judge.api.add_scenario, "new", "//") == 104
    assert "new" not in [scenario.name for scenario in judge.platform.account.scenarios.values()]
    assert (await judge.ask(judge.api.get_scenarios, scenario_name="obedient"))["count"] == 1
