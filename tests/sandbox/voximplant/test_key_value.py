"""The key-value storage of an application: its limits, its namespaces, and the end of its pairs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.voximplant._account import Account
from bot.sandbox.voximplant._key_value import KeyValueError, KeyValueItem, KeyValueStore

NOW = datetime(2026, 11, 26, 12, 0, 0, 500_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_pair_is_read_until_it_expires() -> None:
    """A pair is there until its time to live is over, counted in whole seconds, and not after."""
    store = KeyValueStore()
    item = store.put("session:1", "https://127.0.0.1/", 180, NOW)
    assert item == KeyValueItem(key="session:1", value="https://127.0.0.1/", expires_at=int(NOW.timestamp()) + 180)
    assert store.get("session:1", NOW + 179 * SECOND) == item
    assert store.items(None, NOW + 180 * SECOND) == []
    assert store.get("session:1", NOW + 180 * SECOND) is None


def test_a_key_has_one_value() -> None:
    """A second put replaces the value and the time, a removal gives the pair back once."""
    store = KeyValueStore()
    store.put("a", "1", 10, NOW)
    item = store.put("a", "2", 20, NOW)
    assert store.items(None, NOW) == [item]
    assert store.remove("a", NOW) == item
    assert store.remove("a", NOW) is None
    assert store.get("a", NOW) is None


def test_a_time_to_live_of_nothing_leaves_nothing() -> None:
    """0 seconds are allowed, and the pair is over at once."""
    store = KeyValueStore()
    store.put("a", "1", 0, NOW)
    assert store.get("a", NOW) is None


def test_a_namespace_is_all_before_a_colon() -> None:
    """A namespace finds its own keys, not those that only begin with the same letters."""
    store = KeyValueStore()
    for key in ("bot", "bot:2", "bot:1", "bot:1:x", "bots:1", "other"):
        store.put(key, "", 10, NOW)

    def found(namespace: str | None) -> list[str]:
        return [item.key for item in store.items(namespace, NOW)]

    assert found("bot") == ["bot", "bot:1", "bot:1:x", "bot:2"]
    assert found("bot:1") == ["bot:1", "bot:1:x"]
    assert found("other") == ["other"]
    assert found("bo") == []
    assert found(None) == ["bot", "bot:1", "bot:1:x", "bot:2", "bots:1", "other"]


def test_a_page_is_a_part_of_all() -> None:
    """Every page of every namespace is that part of all its pairs, whatever stands before, between and behind them."""
    store = KeyValueStore()
    keys = ["a", "bot", "bot#1", "bot-x:1", "bot1", "bot:1", "bot:2", "bot:2:3", "bot;1", "botany", "c:1"]
    for key in reversed(keys):
        store.put(key, "", 10, NOW)
    for namespace in (None, "a", "bot", "bot:2", "botany", "c", "nobody"):
        every = store.items(namespace, NOW)
        for offset in range(len(keys) + 2):
            for count in range(len(keys) + 2):
                assert store.items(namespace, NOW, offset=offset, count=count) == every[offset : offset + count]


def test_a_pair_that_is_put_again_and_again_lives_by_its_last_time() -> None:
    """Heartbeats of many sessions keep their pairs, until the last of them is over; memory does not grow with them."""
    store = KeyValueStore()
    for beat in range(0, 6000, 60):
        for number in range(50):
            store.put(f"ns:{number:02}", str(beat), 180, NOW + beat * SECOND)
    last = NOW + 5940 * SECOND
    assert [item.value for item in store.items("ns", last + 179 * SECOND)] == 50 * ["5940"]
    assert store.items("ns", last + 180 * SECOND) == []
    assert len(store._expiries) < 5000


def test_a_hundred_thousand_pairs_are_read_page_by_page() -> None:
    """2,000 pages of 50 give every pair once, in order, while others are put and removed behind them."""
    store = KeyValueStore()
    for number in range(100_000):
        store.put(f"session-bot:{number:06}", "", 180, NOW)
    found = []
    for offset in range(0, 100_000, 50):
        found += [item.key for item in store.items("session-bot", NOW, offset=offset, count=50)]
        store.put(f"session-bot:x{offset}", "", 180, NOW)
        store.remove(f"session-bot:x{offset}", NOW)
    assert found == [f"session-bot:{number:06}" for number in range(100_000)]


@pytest.mark.parametrize("key", ["", "a b", "a/b", "é", "a\n", "k" * 201, "ключ!"])
def test_a_wrong_key_is_refused_everywhere(key: str) -> None:
    """No method takes a text that is no key."""
    store = KeyValueStore()
    for act in (
        lambda: store.put(key, "", 10, NOW),
        lambda: store.get(key, NOW),
        lambda: store.items(key, NOW),
        lambda: store.remove(key, NOW),
    ):
        with pytest.raises(KeyValueError) as refused:
            act()
        assert refused.value.name == "key"


def test_the_longest_key_and_value_are_taken() -> None:
    """200 characters of a key and 2000 of a value are allowed, in Cyrillic as well."""
    store = KeyValueStore()
    for key in ("k" * 200, "Ёж_1-2:3;4.5#6+7"):
        assert store.put(key, "я" * 2000, 7_776_000, NOW) == store.get(key, NOW)


@pytest.mark.parametrize(
    ("value", "ttl", "name"), [("v" * 2001, 10, "value"), ("v", -1, "ttl"), ("v", 7_776_001, "ttl")]
)
def test_wrong_values_are_refused_and_leave_the_pair(value: str, ttl: int, name: str) -> None:
    """A value that is too long or a time out of range is refused by its name, and the old pair stays."""
    store = KeyValueStore()
    item = store.put("a", "1", 10, NOW)
    with pytest.raises(KeyValueError) as refused:
        store.put("a", value, ttl, NOW)
    assert refused.value.name == name
    assert store.get("a", NOW) == item


def test_every_application_has_a_storage_of_its_own() -> None:
    """The same application has the same storage each time, another one another."""
    account = Account()
    one, two = account.add_application("one"), account.add_application("two")
    account.key_values(one).put("a", "1", 10, NOW)
    assert account.key_values(one).get("a", NOW) is not None
    assert account.key_values(two).get("a", NOW) is None
