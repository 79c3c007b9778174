"""Somebody sends much faster than Slack takes posts: nothing said is lost, and nobody else waits for it."""

import asyncio
import re

from .conftest import MakeWorld, World

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}
SENDS = 80


def numbers_told(world: World, card: int) -> list[int]:
    """Return the numbers whose outcome stands in a thread, in its order."""
    said = "\n".join(each.plain() for each in world.replies(card))
    return [int(number) for number in re.findall(r'"n": (\d+)}\n```\n\*?Delivered', said)]


async def test_a_flood_of_sends_hides_no_alarm_and_refuses_no_start(make_world: MakeWorld) -> None:
    """Eighty sends of one person have their outcomes in a few replies; an alarm and a start go before the rest."""
    async with make_world(environ=QUICK, slack_options={"rate_limits": True}) as world:
        await world.started("stuck")
        await world.started("obedient")
        await world.says(world.bob, "stop 1", expect="Stop delivered to #1")
        for batch in range(0, SENDS, 10):
            sends = [world.ann.slash(world.ops, f'send 2 {{"n": {batch + each}}}') for each in range(10)]
            assert all(typed.acked for typed in await asyncio.gather(*sends))
        await world.says(world.bob, "start obedient and another", expect="Started #3")
        await world.replied("Stop not confirmed", 0)
        await world.slack.until(lambda: len(numbers_told(world, 1)) == SENDS, "every outcome in the thread")
        assert sorted(numbers_told(world, 1)) == list(range(SENDS))
        assert len(world.replies(1)) < SENDS / 4
        assert len(world.platform.deliveries) == SENDS + 1


async def test_a_few_sends_have_a_reply_each(world: World) -> None:
    """A person who sends now and then, or after somebody else, finds each outcome in a reply of its own."""
    await world.started("obedient")
    for number, person in enumerate([world.ann, world.ann, world.bob, world.ann, world.bob]):
        await world.says(person, f'send 1 {{"n": {number}}}', expect="Delivered to #1")
    await world.slack.until(lambda: len(world.replies()) == 5, "five replies")
    await world.says(world.ann, 'send 1 {"n": 5}', expect="Delivered to #1")
    await world.says(world.ann, 'send 1 {"n": 6}', expect="Delivered to #1")
    await world.slack.until(lambda: len(numbers_told(world, 0)) == 7, "the others")
    assert numbers_told(world, 0) == list(range(7))
    assert len(world.replies()) == 6
