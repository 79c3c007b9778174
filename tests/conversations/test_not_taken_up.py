"""A stop that a whole bot delivers to a session that announces itself, and that its scenario does not take up."""

from .conftest import MakeWorld
from .test_announcements import claim, put, whole_round

OFTEN = {"SESSION_BOT_CONFIRM_SECONDS": "3600", "SESSION_BOT_DIRECTORY_SECONDS": "6"}


async def test_two_rounds_say_that_a_stop_is_not_taken_up(make_world: MakeWorld) -> None:
    """A stuck scenario beats on after the stop: its reply says so, and what to try, before anything is given up."""
    async with make_world(environ=OFTEN) as world:
        await world.started("stuck")
        (number,) = world.platform.sessions
        for calls in (1, 2):
            put(world, f"session-bot:{number}", claim(world, number, calls=calls))
            await whole_round(world)
        await world.until(lambda: world.session().heard_at, "its announcement")
        await world.says(world.ann, "stop 1", expect="Stop delivered")
        for calls in (3, 4, 5):
            put(world, f"session-bot:{number}", claim(world, number, calls=calls))
            await whole_round(world)
        told = await world.slack.until(
            lambda: next((each for each in world.replies() if "has not taken it up" in each.text), None), "the word"
        )
        assert "\nDelivered; the scenario has not taken it up.\nWhat to do: /session send 1" in told.text
        await world.says(world.bob, "list", expect="1 session is open")
