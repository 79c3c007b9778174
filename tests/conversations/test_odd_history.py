"""The history has a row that nobody can read: it blinds the bot for no other session, and nothing is made of it."""

from typing import Any

import pytest

from bot.sandbox.voximplant import Edit, FinishReason
from storage.records import HistorySays, State

from .conftest import MakeWorld, World
from .test_history import ALWAYS, OFTEN, Answer, history, ids_of, look_ups

ODD: dict[str, Any] = {
    "null": lambda _: None,
    "text": lambda _: "odd",
    "a number of 65 bits": lambda row: row | {"call_session_history_id": 2**64},
    "no number": lambda row: row | {"call_session_history_id": None},
    "a reason that is none": lambda row: row | {"finish_reason": {"code": 1}, "active": False},
    "too large": lambda row: row | {"custom_data": "x" * 9_000_000},
}
"""What becomes of the row of the first session."""


def odd(world: World, change: Any) -> Edit:
    """Alter the row of the first session."""
    number = world.session(1).history_id
    return Edit(
        lambda answer: (
            answer
            | {
                "result": [
                    change(row) if row["call_session_history_id"] == number else row for row in answer["result"]
                ],
            }
        )
    )


async def test_an_odd_row_blinds_nobody_else(make_world: MakeWorld, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is odd about one row, the others are read, and it makes its session neither absent nor ended."""
    async with make_world(environ=OFTEN) as world:
        await world.started("stuck")
        await world.started("obedient", world.bob)
        for shape, change in ODD.items():
            world.platform.faults.clear()
            with world.database() as db:
                db.execute("update sessions set history_says = null")
            history(world, odd(world, change))
            await world.until(lambda: world.session(1).history_says is HistorySays.silent, shape)
            await world.until(lambda: world.session(2).history_says is HistorySays.runs, shape)
            assert world.session(1).state is State.running
        world.platform.sessions[world.session(2).history_id or 0].end(FinishReason.NORMAL)
        await world.shows("ended", 1)
        assert world.session(1).state is State.running
        before = len(look_ups(world))
        await world.until(lambda: len(look_ups(world)) > before + 3, "more look-ups")
        assert caplog.text.count("finish_reason of row") == 1
        world.platform.faults.clear()
        world.platform.sessions[world.session(1).history_id or 0].end(FinishReason.NORMAL)
        await world.shows("ended")


async def test_an_odd_field_hides_no_end(world: World) -> None:
    """A session whose row has no date that can be read, an odd duration and odd costs ends all the same."""
    await world.started("obedient")
    strange = {"start_date": None, "duration": "n/a", "calls": 5, "log_file_url": 7, "application_id": "x"}

    def change(answer: Answer) -> Answer:
        rows = [
            row | strange | {"call_session_history_id": str(row["call_session_history_id"])} for row in answer["result"]
        ]
        return answer | {"result": rows, "total_count": str(len(rows))}

    history(world, Edit(change))
    await world.says(world.bob, "stop 1", expect="Confirmed: #1 obedient ended")
    ended = world.session()
    assert (ended.duration_s, ended.cost, ended.ended_at) == (None, None, None)
    assert ended.finish_reason


async def test_a_look_at_many_sessions_asks_for_no_details(make_world: MakeWorld) -> None:
    """Calls and costs are asked for with an end and in a preview, where they are shown, and not every few seconds."""
    async with make_world(environ=OFTEN) as world:
        await world.started("obedient")
        await world.started("stuck", world.bob)
        await world.says(world.ann, "stop 1 2", expect="The history lists")
        await world.until(lambda: len(look_ups(world)) >= 4, "look-ups")
        world.platform.sessions[world.session(1).history_id or 0].end(FinishReason.NORMAL)
        card = await world.shows("It ended by itself.")
        assert "cost " in card.text
        detailed = [each for each in look_ups(world) if "with_calls" in each.parameters]
        assert len(detailed) < len(look_ups(world))
        ended = str(world.session(1).history_id)
        assert [ids_of(each) for each in detailed if "with_records" in each.parameters] == [[ended], [ended]]


async def test_a_start_is_found_beside_a_row_that_cannot_be_read(make_world: MakeWorld) -> None:
    """An unknown start is found by its own row; while that one cannot be read it is not called absent."""
    async with make_world(environ=OFTEN) as world:
        world.platform.faults.management("StartScenarios", Edit(lambda _: {"result": 1}))
        history(world, Edit(lambda answer: answer | {"result": [None for _ in answer["result"]]}))
        await world.says(world.ann, "start obedient 12", expect="may be running")
        await world.until(lambda: world.session().history_says, "a search")
        assert world.session().history_says is HistorySays.silent
        world.platform.faults.clear()
        history(world, Edit(lambda answer: answer | {"result": [None, *answer["result"]]}), times=ALWAYS)
        await world.shows("uncontrolled")


async def test_a_reading_that_cannot_be_recorded_costs_no_other(make_world: MakeWorld) -> None:
    """Of several sessions that are read in one answer each is recorded by itself."""
    async with make_world(environ=OFTEN) as world:
        await world.started("stuck")
        await world.started("obedient", world.bob)
        with world.refusing("history_says", "new.id = 1"):
            world.platform.sessions[world.session(2).history_id or 0].end(FinishReason.NORMAL)
            await world.shows("It ended by itself.", 1)
            assert world.session(1).state is State.running
