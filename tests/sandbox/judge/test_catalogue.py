"""GetApplications, GetRules and GetAccountInfo, read by the official client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge


def at_the_second(moment: datetime) -> datetime:
    """Cut a moment as the platform's dates do."""
    return moment.astimezone(UTC).replace(microsecond=0)


async def test_applications_are_listed(judge: Judge) -> None:
    """The filter is a part of the name, shown in full; dates are dates to the client; rules come when asked for."""
    account = judge.platform.account
    account.add_application("demo two")
    account.add_application("other")
    answer = await judge.ask(judge.api.get_applications, application_name="demo", with_scenarios=True)
    assert (answer["count"], answer["total_count"]) == (2, 2)
    demo, two = answer["result"]
    names = ["demo.sandbox.voximplant.com", "demo two.sandbox.voximplant.com"]
    assert [demo["application_name"], two["application_name"]] == names
    assert demo["modified"] == at_the_second(account.applications[0].modified)
    assert [rule["rule_name"] for rule in demo["rules"]] == [rule.rule_name for rule in account.rules]
    assert two["rules"] == []


async def test_rules_are_found_by_part_of_their_name(judge: Judge) -> None:
    """The filter is a substring; a scenario comes with its date when it is asked for."""
    application = judge.platform.account.applications[0]
    answer = await judge.ask(
        judge.api.get_rules, application_id=application.application_id, rule_name="st", with_scenarios=True
    )
    assert [row["rule_id"] for row in answer["result"]] == [1002, 1003, 1004]
    rules = {rule.rule_id: rule for rule in judge.platform.account.rules}
    for row in answer["result"]:
        assert row["application_id"] == application.application_id
        assert row["modified"] == row["scenarios"][0]["modified"] == at_the_second(rules[row["rule_id"]].modified)


async def test_rules_are_paged(judge: Judge) -> None:
    """`count` and `offset` walk through all of them, `total_count` says how many there are; 20 are a page."""
    account = judge.platform.account
    application = account.add_application("many")
    names = [f"rule {number}" for number in range(45)]
    for name in names:
        account.add_rule(application, name, "//")
    found: list[str] = []
    while True:
        answer = await judge.ask(judge.api.get_rules, application_name="many", offset=len(found))
        found += [row["rule_name"] for row in answer["result"]]
        assert answer["total_count"] == 45
        if answer["count"] == 0:
            break
        assert answer["count"] <= 20
    assert found == names


async def test_rules_of_conferences_are_told_apart(judge: Judge) -> None:
    """The client's True and False are understood."""
    account = judge.platform.account
    meeting = account.add_rule(account.applications[0], "meeting", "//", video_conference=True)
    for conferences, count in ((True, 1), (False, 5)):
        answer = await judge.ask(judge.api.get_rules, application_name="demo", video_conference=conferences)
        assert answer["total_count"] == count
        assert all(row["video_conference"] is conferences for row in answer["result"])
        assert (meeting.rule_id in [row["rule_id"] for row in answer["result"]]) is conferences


async def test_rules_are_of_an_application(judge: Judge) -> None:
    """Without one, with an unknown one, with wrong numbers or what is not simulated, the call is refused."""
    get_rules = judge.api.get_rules
    assert await judge.refusal(get_rules) == 116
    assert await judge.refusal(get_rules, application_id=9) == 116
    assert await judge.refusal(get_rules, application_name="dem") == 107
    assert await judge.refusal(get_rules, application_name="demo", rule_id="1001,1002") == 147
    assert await judge.refusal(get_rules, application_name="demo", count=1001) == 496
    assert await judge.refusal(get_rules, application_name="demo", offset=-1) == 496
    assert await judge.refusal(get_rules, application_name="demo", attached_key_id="x") == 496


async def test_the_account_tells_its_money(judge: Judge) -> None:
    """Balance, currency and the account's date are there, the live balance when it is asked for."""
    account = judge.platform.account
    info = (await judge.ask(judge.api.get_account_info))["result"]
    assert (info["account_id"], info["account_email"]) == (account.account_id, account.account_email)
    assert (info["balance"], info["currency"]) == (account.balance, "USD")
    assert info["created"] == at_the_second(account.created)
    assert "live_balance" not in info
    live = (await judge.ask(judge.api.get_account_info, return_live_balance=True))["result"]
    assert live["live_balance"] == account.balance
