"""Rules and applications, changed by the official client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge

Row = dict[str, Any]


async def rules_of(judge: Judge, **filters: object) -> list[Row]:
    """Read the rules of the application "demo"."""
    answer = await judge.ask(judge.api.get_rules, application_name="demo", with_scenarios=True, **filters)
    rows: list[Row] = answer["result"]
    return rows


async def test_a_rule_is_added_changed_started_and_deleted(judge: Judge) -> None:
    """A rule has its scenarios, pattern and name, can be started at once, and is gone when it is deleted."""
    api = judge.api
    shared = (await judge.ask(api.add_scenario, "shared", "// waits"))["scenario_id"]
    answer = await judge.ask(api.add_rule, "new", "7495.+", application_name="demo", scenario_id=shared)
    assert answer["result"] == 1
    rule_id = answer["rule_id"]
    assert (await judge.ask(api.start_scenarios, rule_id=rule_id))["result"] == 1
    await judge.ask(api.set_rule_info, rule_id, rule_name="newer", rule_pattern="1.*", rule_pattern_exclude="12.*")
    (row,) = await rules_of(judge, rule_id=rule_id)
    assert (row["rule_name"], row["rule_pattern"], row["rule_pattern_exclude"]) == ("newer", "1.*", "12.*")
    assert [scenario["scenario_id"] for scenario in row["scenarios"]] == [shared]
    assert (await judge.ask(api.del_rule, rule_name="newer", application_name="demo"))["result"] == 1
    assert await rules_of(judge, rule_id=rule_id) == []
    assert await judge.refusal(api.start_scenarios, rule_id=rule_id) == 147
    again = await judge.ask(api.add_rule, "new", ".*", application_name="demo", scenario_name="shared;stuck")
    assert again["rule_id"] != rule_id


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"rule_name": ""}, 134),
        ({"rule_name": "n" * 100}, 156),
        ({"rule_name": "obedient"}, 175),
        ({"rule_pattern": ""}, 134),
        ({"rule_pattern": "("}, 148),
        ({"rule_pattern": "x" * 65_536}, 148),
        ({"rule_pattern_exclude": "["}, 149),
        ({"application_name": "nobody"}, 107),
        ({"application_name": None}, 116),
        ({"scenario_id": 9}, 132),
        ({"scenario_name": "nobody"}, 168),
        ({"bind_key_id": "x"}, 496),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_wrong_rule_is_refused_and_not_added(judge: Judge, parameters: Row, code: int) -> None:
    """Each fault has its code, and there is no rule more."""
    given = {"rule_name": "new", "rule_pattern": ".*", "application_name": "demo"} | parameters
    assert await judge.refusal(judge.api.add_rule, **given) == code
    assert len(judge.platform.account.rules) == 5


async def test_a_wrong_change_of_a_rule_is_refused(judge: Judge) -> None:
    """An unknown rule, a name in use and a bad pattern are refused, and the rule stays as it is."""
    before = list(judge.platform.account.rules)
    change = judge.api.set_rule_info
    assert await judge.refusal(change, 9, rule_name="new") == 147
    assert await judge.refusal(change, 1001, rule_name="stuck") == 175
    assert await judge.refusal(change, 1001, rule_pattern="(") == 148
    assert judge.platform.account.rules == before


async def test_rules_are_found_by_a_number_that_they_take(judge: Judge) -> None:
    """`template` is a number: a rule is found when its pattern fits all of it and its exclusion does not."""
    api = judge.api
    for name, pattern, exclude in (("moscow", "749[59].+", None), ("not", "7.+", "74951.*"), ("short", "749", None)):
        await judge.ask(
            api.add_rule, name, pattern, application_name="demo", rule_pattern_exclude=exclude, scenario_name="stuck"
        )
    for rule_id in range(1001, 1006):
        await judge.ask(api.set_rule_info, rule_id, rule_pattern="nobody")

    async def found(number: str) -> list[str]:
        return [row["rule_name"] for row in await rules_of(judge, template=number)]

    assert await found("74951234567") == ["moscow"]
    assert await found("74991234567") == ["moscow", "not"]
    assert await found("174991234567") == []


async def test_rules_are_put_in_order(judge: Judge) -> None:
    """The named rules come first in the wanted order; they must be of one application."""
    account = judge.platform.account
    foreign = account.add_rule(account.add_application("other"), "foreign", "//")
    assert (await judge.ask(judge.api.reorder_rules, [1003, 1001]))["result"] == 1
    assert [row["rule_id"] for row in await rules_of(judge)] == [1003, 1001, 1002, 1004, 1005]
    assert await judge.refusal(judge.api.reorder_rules, [1001, foreign.rule_id]) == 147
    assert await judge.refusal(judge.api.reorder_rules, [1001, 9]) == 147


async def test_rules_are_deleted_by_lists(judge: Judge) -> None:
    """A list of ids, a list of names and `all` delete; with one that is unknown nothing is deleted."""
    delete = judge.api.del_rule
    assert await judge.refusal(delete, rule_id=[1001, 9]) == 147
    assert await judge.refusal(delete, rule_name="obedient;nobody", application_name="demo") == 156
    assert await judge.refusal(delete, application_name="demo") == 147
    await judge.ask(delete, rule_id=[1001, 1002])
    await judge.ask(delete, rule_name=["crash"])
    assert [row["rule_id"] for row in await rules_of(judge)] == [1003, 1004]
    await judge.ask(delete, rule_id="all", application_name="demo")
    assert await rules_of(judge) == []


async def test_an_application_is_added_renamed_and_deleted(judge: Judge) -> None:
    """A new application is answered and listed with its full name, renamed with its rules, and gone with them."""
    api, account = judge.api, judge.platform.account
    answer = await judge.ask(api.add_application, "sales")
    application_id = answer["application_id"]
    assert (answer["result"], answer["application_name"]) == (1, "sales.sandbox.voximplant.com")
    rule = await judge.ask(api.add_rule, "r", ".*", application_name="sales.sandbox.voximplant.com")
    scenario = await judge.ask(api.add_scenario, "s", "//", application_id=application_id, rule_id=rule["rule_id"])
    await judge.ask(api.set_key_value_item, "k", "v", application_id)
    renamed = await judge.ask(api.set_application_info, required_application_name="sales", application_name="calls")
    assert renamed["application_name"] == "calls.sandbox.voximplant.com"
    (row,) = (await judge.ask(api.get_rules, application_name="calls", with_scenarios=True))["result"]
    assert [each["scenario_id"] for each in row["scenarios"]] == [scenario["scenario_id"]]
    assert (await judge.ask(api.get_key_value_item, "k", application_id))["result"]["value"] == "v"
    application = account.applications[-1]
    assert (await judge.ask(api.del_application, application_name="calls"))["result"] == 1
    assert account.key_values(application).items(None, datetime.now(UTC)) == []
    assert rule["rule_id"] not in [each.rule_id for each in account.rules]
    assert scenario["scenario_id"] not in account.scenarios
    assert (await judge.ask(api.add_application, "calls"))["application_id"] != application_id


async def test_a_wrong_application_is_refused(judge: Judge) -> None:
    """A name of a wrong form, in use, or unknown has its code, and nothing is changed."""
    api = judge.api
    for name in ("", "Sales", "1st", "a", "a b", "a" * 66, "sales.other.voximplant.com"):
        assert await judge.refusal(api.add_application, name) == (107 if name else 134)
    assert await judge.refusal(api.add_application, "demo") == 129
    assert await judge.refusal(api.add_application, "demo.sandbox.voximplant.com") == 129
    assert await judge.refusal(api.set_application_info, application_name="new") == 116
    assert await judge.refusal(api.set_application_info, required_application_name="x", application_name="new") == 107
    assert await judge.refusal(api.del_application, application_id=9) == 116
    assert await judge.refusal(api.del_application, application_name="demo;nobody") == 107
    assert [application.name for application in judge.platform.account.applications] == ["demo"]
    await judge.ask(api.del_application, application_id="all")
    assert judge.platform.account.applications == judge.platform.account.rules == []
