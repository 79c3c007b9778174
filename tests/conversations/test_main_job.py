"""The main job, from a typed line to a confirmed end, seen from the person's side."""

import json

from .conftest import BOTH_MODES, World

pytestmark = BOTH_MODES


async def test_a_session_is_started_fed_and_stopped(world: World) -> None:
    """A start has a card that runs, a send arrives as typed, and a stop is confirmed by the history."""
    told = await world.says(world.ann, 'start obedient {"ticket": 12}', expect="Started #1")
    assert "archives" in told.text or "Thread" in told.text
    await world.shows("running")
    (session,) = world.platform.sessions.values()
    assert session.custom_data == '{"ticket": 12}'

    await world.says(world.ann, 'send 1 {"say":  "hello"}', expect="Delivered to #1")
    assert world.platform.deliveries[-1].body == b'{"say":  "hello"}'
    await world.replied("HTTP 200")

    await world.says(world.bob, "stop 1 wrong number", expect="Confirmed: #1")
    card = await world.shows("ended")
    assert "Normal termination" in card.text
    assert "Stop asked for by bob" in card.text
    assert "wrong number" in card.text
    assert json.loads(world.platform.deliveries[-1].body) == {"command": "stop"}
    await world.replied("Confirmed: #1")
