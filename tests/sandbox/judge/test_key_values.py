"""The key-value storage of an application, used by the official client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.voximplant import PlatformOptions

if TYPE_CHECKING:
    from tests.sandbox.judge.conftest import Judge, OpenJudge


def demo_of(judge: Judge) -> int:
    """Return the id of the application "demo"."""
    return judge.platform.account.applications[0].application_id


async def test_a_pair_is_set_read_replaced_and_deleted(judge: Judge) -> None:
    """What is set is answered and read, a second value replaces it, and a deleted pair is gone."""
    api, demo = judge.api, demo_of(judge)
    first = (await judge.ask(api.set_key_value_item, "ns:1", "one", demo, ttl=100))["result"]
    assert (first["key"], first["value"], type(first["expires_at"])) == ("ns:1", "one", int)
    second = (await judge.ask(api.set_key_value_item, "ns:1", "two", demo, application_name="demo", ttl=200))["result"]
    assert (await judge.ask(api.get_key_value_item, "ns:1", demo))["result"] == second
    assert second["expires_at"] >= first["expires_at"] + 100
    assert (await judge.ask(api.del_key_value_item, "ns:1", demo))["result"] == 1
    assert await judge.refusal(api.get_key_value_item, "ns:1", demo) == 496
    assert (await judge.ask(api.del_key_value_item, "ns:1", demo))["result"] == 0


async def test_pairs_are_paged_by_their_namespace(judge: Judge) -> None:
    """10 are a page, 50 at most, and a page that is short is the last one; there is no total."""
    api, demo = judge.api, demo_of(judge)
    for number in range(23):
        await judge.ask(api.set_key_value_item, f"ns:{number:02}", str(number), demo)
    page = await judge.ask(api.get_key_value_items, "ns", demo)
    assert set(page) == {"result"}
    assert [row["value"] for row in page["result"]] == [str(number) for number in range(10)]
    rest = (await judge.ask(api.get_key_value_items, "ns", demo, count=50, offset=10))["result"]
    assert [row["key"] for row in rest] == [f"ns:{number:02}" for number in range(10, 23)]
    keys = (await judge.ask(api.get_key_value_keys, demo, count=2, offset=22))["result"]
    assert [set(row) for row in keys] == [{"key", "expires_at"}]
    assert (await judge.ask(api.get_key_value_keys, demo, key="n"))["result"] == []
    assert await judge.refusal(api.get_key_value_items, "ns", demo, count=51) == 496
    assert await judge.refusal(api.get_key_value_items, "", demo) == 134


async def test_pairs_expire_by_the_platforms_clock(open_judge: OpenJudge) -> None:
    """A time to live and a moment of expiry end a pair; without either it lives for 30 days."""
    moment = datetime.now(UTC)
    now = [moment]
    judge = await open_judge(PlatformOptions(clock=lambda: now[0]))
    api, demo, seconds = judge.api, demo_of(judge), int(moment.timestamp())
    default = (await judge.ask(api.set_key_value_item, "a", "1", demo))["result"]
    assert default["expires_at"] == seconds + 2_592_000
    await judge.ask(api.set_key_value_item, "b", "1", demo, expires_at=seconds + 10)
    await judge.ask(api.set_key_value_item, "c", "1", demo, ttl=11)
    now[0] += timedelta(seconds=10)  # the client's tokens live for 24 s
    assert [row["key"] for row in (await judge.ask(api.get_key_value_keys, demo))["result"]] == ["a", "c"]
    assert await judge.refusal(api.get_key_value_item, "b", demo) == 496


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"key": ""}, 134),
        ({"key": "a b"}, 496),
        ({"key": "k" * 201}, 496),
        ({"value": ""}, 134),
        ({"value": "v" * 2001}, 496),
        ({"ttl": 7_776_001}, 496),
        ({"ttl": -1}, 496),
        ({"expires_at": 1}, 496),
        ({"ttl": 5, "expires_at": 9_999_999_999}, 496),
        ({"application_id": 9}, 116),
        ({"application_id": ""}, 116),
        ({"application_name": "nobody"}, 116),
    ],
    ids=str,
)
async def test_a_wrong_pair_is_refused_and_not_kept(judge: Judge, parameters: dict[str, Any], code: int) -> None:
    """Each limit is held, and the storage stays empty."""
    given = {"key": "k", "value": "v", "application_id": demo_of(judge)} | parameters
    assert await judge.refusal(judge.api.set_key_value_item, **given) == code
    assert (await judge.ask(judge.api.get_key_value_keys, demo_of(judge)))["result"] == []
