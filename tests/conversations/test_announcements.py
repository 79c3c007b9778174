"""What sessions announce, read from a platform over HTTP by a whole bot: hostile rows, load, and a missing role."""

import json
import logging
from typing import Any

import pytest

from bot.sandbox.voximplant import Error, Status, default_account
from storage import announcements
from storage.announcements import Announcements
from tests.announcing import hotline

from .conftest import MakeWorld, World

PATH = "request/AF30C0FFEE42CCA6.1580999958.1204800_127.0.0.1/90AB12CD34EF5D84"


def put(world: World, key: str, value: str) -> None:
    """Put a row into the storage of the account's application, as anybody may who has rights there."""
    (application,) = world.platform.account.applications
    now = world.clock.true()
    world.platform.account.key_values(application).put(key, value, 3_600, now)


def claim(world: World, session: int, **members: Any) -> str:
    """Return the announcement of a session."""
    now = int(world.clock.true().timestamp())
    whole = {"v": 1, "url": f"https://127.0.0.1:1/{PATH}", "session": str(session), "data": "", "calls": 1}
    return json.dumps({**whole, "started": now - 60, "beat": now, **members})


def record(world: World) -> Announcements:
    """Return what the rounds recorded."""
    with world.database() as db:
        (found,) = announcements.every(db)
    return found


async def whole_round(world: World) -> Announcements:
    """Wait until a round that begins after this moment is over."""
    before = world.clock.now()

    def read() -> Announcements | None:
        found = record(world)
        return found if found.read_at is not None and found.read_at > before else None

    return await world.until(read, "a whole round")  # type: ignore[return-value]


async def test_hostile_rows_change_nothing(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Rows that lead elsewhere, lie or are no announcements are counted by reason; nobody is contacted or told."""
    async with make_world() as world:
        await world.started("obedient")
        await world.shows("h42")  # its number follows its URL
        shown = [each.text for each in world.ops.messages]
        number = next(iter(world.platform.sessions))
        put(world, f"session-bot:{number}", claim(world, number, url=f"http://169.254.169.254/{PATH}"))
        put(world, "session-bot:1", claim(world, 2))
        put(world, "session-bot:3", claim(world, 3, beat=2**34))
        put(world, "session-bot:4", "<!channel> " * 180)
        put(world, "session-bot:five", claim(world, 5))
        put(world, "session-bot:6", claim(world, 6, v=2))
        for each in range(100, 220):
            put(world, f"session-bot:{each}", claim(world, each, url="https://127.0.0.1/nothing"))
        found = await whole_round(world)
        assert found.row_count == 126
        counted = {"host": 1, "other_key": 2, "future": 1, "unreadable": 1, "newer": 1, "no_url": 120}
        assert found.refused == counted
        assert world.platform.deliveries == []
        assert [each.text for each in world.ops.messages] == shown
        assert PATH not in caplog.text
        assert sum("is not believed" in each for each in caplog.messages) == len(counted)


async def test_load_and_a_missing_role_are_lived_through(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal for load is tried again after its Retry-After; a missing role is one line, and told in the database."""
    caplog.set_level(logging.INFO)
    async with make_world() as world:
        world.platform.faults.management("GetKeyValueItems", Status(429, headers={"Retry-After": "7"}))
        put(world, "session-bot:3", claim(world, 3))
        assert (await whole_round(world)).row_count == 1
        await world.until(lambda: any("refuses to be read so often" in each for each in caplog.messages), "its line")
        world.platform.faults.management("GetKeyValueItems", Error(104, "Forbidden command."))
        await world.until(lambda: record(world).problem, "the role to be missed")
        assert "Developer" in str(record(world).problem)
        assert sum("does not let" in each for each in caplog.messages) == 1
        assert (await world.says(world.ann, "help", expect="start")).text


async def test_the_history_may_refuse_a_young_session(make_world: MakeWorld) -> None:
    """Where an unknown number breaks a call, and the history lags behind, every session is found all the same."""
    account = default_account()
    rule = hotline(account)
    async with make_world(account=account, history_delay_seconds=5, unknown_ids_refused=True) as world:
        put(world, "session-bot:77", claim(world, 77))
        for number in range(4):
            world.platform.start(rule, f"order {number}")

        def found() -> set[int | None]:
            with world.database() as connection:
                return {number for (number,) in connection.execute("select history_id from sessions")}

        await world.until(lambda: found() == set(world.platform.sessions), "all four, and nobody else")
