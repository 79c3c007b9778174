"""The bot of a demo as a process under control, in the demo's own workplace."""

import contextlib
from collections.abc import AsyncIterator

import psutil
import pytest

from bot.cli.demo._bot_process import BotEnded, BotProcess, new_bot
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._workplace import furnish, workplace_config
from bot.cli.demo._world import World, open_world
from bot.sandbox.slack import Channel, Person
from bot.sandbox.voximplant import default_account


@contextlib.asynccontextmanager
async def workplace(more_config: str = "") -> AsyncIterator[tuple[World, BotProcess]]:
    """Open the demo's world, with a bot that is not started yet."""
    account = default_account()
    hotline = add_quick_hotline(account)
    async with open_world(account=account) as world:
        furnish(world)
        yield world, new_bot(world, hotline, workplace_config(world) + more_config)


async def reads(world: World, person: Person, channel: Channel, typed: str, words: str) -> None:
    """Type a command as a person, and wait until they read these words there."""
    before = len(person.ephemerals(channel))
    assert (await person.slash(channel, typed)).acked
    await world.slack.until(
        lambda: any(words in each.plain().replace("`", "") for each in person.ephemerals(channel)[before:]),
        f"{words!r} after {typed!r}",
    )


async def test_what_each_person_may_do_is_true() -> None:
    """A guest, a stranger and both members are denied by the bot what the page says they may not do."""
    async with workplace() as (world, bot), bot.connected():
        ann, bob, gil, sam = (world.person(name) for name in ("ann", "bob", "gil", "sam"))
        night, day, leads, partners = (
            world.slack.channel(name) for name in ("night-shift", "day-shift", "leads", "partners")
        )
        await reads(world, ann, night, "start obedient 1", "Started #1 obedient")
        await reads(world, gil, night, "stop 1", "you are a guest")
        await reads(world, sam, partners, "list", "members of this bot's own workspace")
        await reads(world, ann, partners, "start obedient", "shared with another workspace")
        await reads(world, ann, day, "start obedient", "needs a grant of start")
        await reads(world, ann, night, "log 1", "needs a grant of log")
        await reads(world, bob, night, "log 1", "is in its thread")
        await reads(world, bob, night, "start stuck", "for the rule stuck")
        await reads(world, bob, leads, "start obedient", "Started #2 obedient")
        await reads(world, bob, night, "list channel=all", "2 sessions are open")


async def test_a_bot_that_was_killed_is_started_again_and_goes_on() -> None:
    """Its state says how it ended; the next one has the same database, and goes by the clock that was put on.

    No token is in its command line, which every user of the host can read.
    """
    async with workplace() as (world, bot), bot.connected():
        ann, night = world.person("ann"), world.channel
        await reads(world, ann, night, "start obedient --max 1h 1", "Started #1 obedient")
        assert bot.running
        assert bot._process is not None
        arguments = " ".join(psutil.Process(bot._process.pid).cmdline())
        secrets = [each for name, each in bot._environ.items() if name.endswith(("_TOKEN", "_SECRET"))]
        assert secrets
        assert not any(each in arguments for each in secrets)
        await bot.kill()
        assert not bot.running
        assert bot.state == "The bot ended with exit code -9: it was killed, and could say nothing more."
        await bot.start()
        assert (bot.running, bot.state) == (True, "The bot runs.")
        await reads(world, ann, night, "list", "1 session is open")
        world.clock.put_on(3700)
        await bot.put_on(3700)
        await world.slack.until(
            lambda: any("Over its limit: #1 obedient" in each.plain().replace("*", "") for each in night.entries),
            "the limit of one hour",
        )
    assert not bot.running


async def test_a_bot_that_cannot_start_says_why() -> None:
    """What is wrong with its settings is told with the exit code, once, and it never counts as connected."""
    async with workplace('\n[rules.obedient]\nid = "x"\n') as (world, bot):
        with pytest.raises(BotEnded, match="exit code 2"):
            async with bot.connected():
                pytest.fail("it is connected")
        assert "session-bot.toml" in bot.state
        assert world.slack.bot_token not in bot.state
