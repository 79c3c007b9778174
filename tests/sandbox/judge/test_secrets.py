"""Secrets of an application, set by the official client and read by a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge

TELLS = "Logger.write('key is ' + VoxEngine.getSecretValue('api_key')); VoxEngine.terminate();"


async def test_a_secret_is_added_read_changed_and_deleted(judge: Judge) -> None:
    """A secret is listed without its value, read with it, renamed, and gone when it is deleted."""
    api = judge.api
    (added,) = (await judge.ask(api.add_secret, "api_key", "one", application_name="demo"))["result"]
    (row,) = (await judge.ask(api.get_secrets, application_name="demo", secret_name_part="key"))["result"]
    assert (row["secret_id"], row["secret_name"]) == (added["secret_id"], "api_key")
    assert "secret_value" not in row
    named = {"application_name": "demo", "secret_name": "api_key"}
    changed = await judge.ask(api.set_secret_info, **named, new_secret_name="key", secret_value="two", description="d")
    assert changed["result"] == 1
    (found,) = (await judge.ask(api.get_secret_value, application_name="demo", secret_id=row["secret_id"]))["result"]
    assert (found["secret_name"], found["secret_value"], found["description"]) == ("key", "two", "d")
    assert await judge.refusal(api.get_secret_value, **named) == 496
    assert (await judge.ask(api.del_secret, application_name="demo", secret_name="key"))["result"] == 1
    assert (await judge.ask(api.get_secrets, application_name="demo"))["total_count"] == 0


async def test_a_scenario_reads_the_secrets_of_its_application(judge: Judge) -> None:
    """A session has the value of its own application's secret, as it was at its start."""
    api, account = judge.api, judge.platform.account
    account.add_application("other")
    rule = account.add_rule(account.applications[0], "tells", TELLS)
    for application, value in (("demo", "mine"), ("other", "foreign")):
        await judge.ask(api.add_secret, "api_key", value, application_name=application)
    started = await judge.ask(api.start_scenarios, rule_id=rule.rule_id)
    session = judge.platform.sessions[started["call_session_history_id"]]
    await session.closed()
    assert any(line.endswith("key is mine") for line in session.log)


async def test_secrets_are_paged_and_deleted_by_lists(judge: Judge) -> None:
    """20 are a page; a list of names and `all` delete, with one that is unknown nothing is deleted."""
    api = judge.api
    for number in range(22):
        await judge.ask(api.add_secret, f"s{number:02}", "v", application_name="demo")
    first = await judge.ask(api.get_secrets, application_name="demo")
    rest = await judge.ask(api.get_secrets, application_name="demo", offset=20)
    assert (first["count"], first["total_count"], rest["count"]) == (20, 22, 2)
    assert await judge.refusal(api.del_secret, application_name="demo", secret_name=["s00", "s99"]) == 496
    await judge.ask(api.del_secret, application_name="demo", secret_name=["s00", "s01"])
    assert (await judge.ask(api.get_secrets, application_name="demo"))["total_count"] == 20
    await judge.ask(api.del_secret, application_name="demo", secret_id="all")
    assert judge.platform.account.secrets == {}


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"secret_name": ""}, 134),
        ({"secret_name": "1st"}, 496),
        ({"secret_name": "a-b"}, 496),
        ({"secret_name": "a" * 65}, 496),
        ({"secret_name": "taken"}, 493),
        ({"secret_value": ""}, 134),
        ({"secret_value": "v" * 8193}, 496),
        ({"application_name": "nobody"}, 107),
        ({"application_name": None}, 116),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_wrong_secret_is_refused_and_not_added(judge: Judge, parameters: dict[str, Any], code: int) -> None:
    """Each fault has its code, and there is no secret more."""
    await judge.ask(judge.api.add_secret, "taken", "v", application_name="demo", description="d" * 300)
    given = {"secret_name": "new", "secret_value": "v", "application_name": "demo"} | parameters
    assert await judge.refusal(judge.api.add_secret, **given) == code
    (secret,) = judge.platform.account.secrets.values()
    assert secret.description == "d" * 200
    assert "value" not in repr(secret)
