"""Between a first reading of an end and the second: every way in to a stop, since that reading may be wrong."""

from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.voximplant import Html

from .conftest import World
from .test_lists import mark
from .test_mentions import writes

Way = Callable[[World], Awaitable[object]]


async def by_id(world: World) -> None:
    """Type its id."""
    read_as_ended(world, 1)
    await world.says(world.bob, "stop 1", expect="Stop delivered to #1")


async def in_its_thread(world: World) -> None:
    """Write to the bot in its thread."""
    read_as_ended(world, 1)
    await writes(world, world.bob, "stop", thread=world.card(), expect="Stop delivered to #1")


async def by_the_button(world: World) -> None:
    """Press the button of a card that was painted before the reading."""
    card = world.card()
    read_as_ended(world, 1)
    await world.presses(world.bob, card, "Stop", expect="Stop delivered to #1")


async def by_ids(world: World) -> None:
    """Type two ids and confirm them."""
    read_as_ended(world, 1)
    told = await world.says(world.bob, "stop 1 2", expect="Stop 2 sessions?")
    await world.presses(world.bob, told, "Stop 2 sessions", expect="2 of 2 sessions were asked to stop.")


async def by_ids_shown_before(world: World) -> None:
    """Confirm a list that was shown before the reading."""
    told = await world.says(world.bob, "stop all", expect="Stop 2 sessions?")
    read_as_ended(world, 1)
    await world.presses(world.bob, told, "Stop 2 sessions", expect="2 of 2 sessions were asked to stop.")


async def of_all_that_are_left(world: World) -> None:
    """Stop all where a reading called each of them ended: each is named, and its id stops it."""
    read_as_ended(world, 1, 2)
    left = "the history said once that they ended: #1, #2. By id they can be stopped."
    await world.says(world.bob, "stop all", expect=left)
    await world.says(world.bob, "stop 1", expect="Stop delivered to #1")


def read_as_ended(world: World, *ids: int) -> None:
    """Put a first reading of an end on record."""
    for each in ids:
        mark(world, each, "end_seen_at")


WAYS: list[Way] = [by_id, in_its_thread, by_the_button, by_ids, by_ids_shown_before, of_all_that_are_left]


@pytest.mark.parametrize("way", WAYS)
async def test_a_first_reading_refuses_no_stop(world: World, way: Way) -> None:
    """However the session is named, its stop goes out after a reading that says ended."""
    await two_running(world)
    await way(world)
    first, *_ = world.platform.sessions.values()
    await world.until(lambda: not first.running, "#1 to end")


async def test_all_leaves_a_first_reading_to_the_second(world: World) -> None:
    """Stop all selects what no reading called ended, and names the others; a stop that was given up is among them."""
    await two_running(world)
    read_as_ended(world, 1)
    told = await world.says(world.bob, "stop all", expect="Stop #2?")
    assert "the history said once that they ended: #1. By id they can be stopped." in told.text
    for column in ("stop_asked_at", "stop_given_up_at"):
        mark(world, 1, column)
    await world.says(world.bob, "stop all", expect="Stop 2 sessions?")
    assert not world.platform.deliveries


async def two_running(world: World) -> None:
    """Start two sessions, of which the history says nothing from then on."""
    world.platform.faults.management("GetCallHistory", Html(502), times=100_000)
    await world.started("obedient")
    await world.started("obedient again")
