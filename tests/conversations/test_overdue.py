"""Stuck sessions find you: what lasts too long is said once, what is over its limit is stopped, many are gathered."""

import asyncio
from pathlib import Path

import pytest

from bot.config._loading import SettingsProblems, load_settings
from bot.sandbox.slack import Hang as SlackHang
from bot.sandbox.slack import Message
from bot.sandbox.voximplant._faults import Edit, Slow
from storage.command import CommandState
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

CONFIG = """
[rules.slow]
id = 1002
expect = "10m"
max = "1h"
notify = ["S0RESPOND", "U0LEAD"]
runbook = "https://wiki.example.com/slow"
"""


def said(world: World, word: str, number: int = 0) -> list[Message]:
    """Return the replies under a card that say this."""
    return [each for each in world.replies(number) if word in each.text]


def without_urls(answer: dict[str, object]) -> dict[str, object]:
    """Remove the session's URLs from the answer to a start."""
    return {key: value for key, value in answer.items() if "url" not in key}


async def look(world: World, seconds: float) -> None:
    """Move the clock ahead, and have the bot look again."""
    world.clock.jump(seconds)
    await world.stop_bot()
    await world.start_bot()


async def test_what_lasts_longer_than_expected_is_said_once(make_world: MakeWorld) -> None:
    """Over `expect` the card says so and the thread mentions whom the config names, once, over restarts too."""
    async with make_world(config=CONFIG) as world:
        await world.started("slow")
        await look(world, 11 * 60)
        card = await world.shows("Lasts longer than expected")
        reply = await world.replied("lasts longer than the 10 min that are expected")
        for part in ("<!subteam^S0RESPOND>", "<@U0LEAD>", "#1 stuck", "/session stop 1", "Runbook of this rule"):
            assert part in reply.text, part
        assert not reply.broadcast
        assert "running" in card.text
        await look(world, 60)
        await world.says(world.ann, "stop 1", expect="Stop delivered")
        await world.replied("Stop by")
        assert len(said(world, "lasts longer")) == 1
        assert [each.verb for each in world.commands()] == ["start", "stop"]


async def test_what_is_over_its_limit_is_stopped_by_an_ordinary_command(make_world: MakeWorld) -> None:
    """Over `max` the bot stops it, once and over restarts, with itself as the actor and its limit as the reason."""
    async with make_world(config=CONFIG, environ={"SESSION_BOT_CONFIRM_SECONDS": "20"}) as world:
        await world.started("slow")
        await look(world, 3_700)
        reply = await world.replied("Over its limit")
        assert reply.broadcast
        for part in ("<!subteam^S0RESPOND>", "It is over its limit of 1 h, so the bot asks it to stop."):
            assert part in reply.text, part
        await world.replied("Stop by the bot: over its limit of 1 h")
        card = await world.shows("stop not confirmed")
        assert "Over its limit of 1 h" in card.text
        assert "Stop asked for by the bot" in card.text
        await look(world, 3_700)
        await world.says(world.ann, "status 1", expect="#1")
        stops = [each for each in world.commands() if each.verb == "stop"]
        assert [(each.actor, each.via, each.key) for each in stops] == [("bot", "limit", "limit:max:1")]
        assert len(said(world, "Over its limit")) == 1
        assert len(world.platform.deliveries) == 1


async def test_what_passes_its_limit_while_the_bot_ends_is_left_to_the_next(make_world: MakeWorld) -> None:
    """Nothing new begins once the bot is told to end: the one that comes after stops what is over its limit."""
    async with make_world(config=CONFIG, clock=QuickClock(times=5)) as world:
        await world.started("slow")
        world.platform.faults.session(Slow(10))
        await world.ann.slash(world.ops, 'send 1 {"a": 1}')
        await world.until(lambda: len(world.platform.deliveries) == 1, "the data to be on its way")
        world.slack.faults.add("chat.postMessage", SlackHang(), times=100)
        await world.ann.slash(world.ops, "start obedient")  # it waits for its card, and the bot for it
        await world.until(lambda: len(world.commands()) == 3, "the start to be taken in")
        world.clock.jump(3_700)
        ending = asyncio.create_task(world.stop_bot())
        await world.slack.disconnected()
        world.platform.faults.release()
        await ending
        assert [(each.verb, each.state) for each in world.commands()] == [
            ("start", CommandState.done),
            ("send", CommandState.done),
            ("start", CommandState.failed),
        ]
        world.slack.faults.clear()
        await world.start_bot()
        await world.replied("Stop by the bot: over its limit of 1 h")
        assert len(world.platform.deliveries) == 2


async def test_a_limit_of_its_own_goes_before_the_configs(make_world: MakeWorld) -> None:
    """`--max` at the start is this session's limit; the data after it is passed on untouched."""
    async with make_world(config=CONFIG) as world:
        await world.says(world.ann, 'start obedient --max 30m {"a":  1}', expect="Started #1")
        card = await world.shows("running")
        assert "Limit: 30 min" in card.text
        assert world.session().custom_data == '{"a":  1}'
        await look(world, 1_801)
        await world.shows("ended")
        assert world.stop_of().reason == "over its limit of 30 min"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("start obedient --max", "needs a duration"),
        ("start obedient --max soon", "needs a duration"),
        ("start obedient --max 30m --max 1h", "stands after the rule and before the data, once"),
        ("start --max 30m obedient", "stands after the rule and before the data, once"),
        ("start obedient --limit 3", "is not an option"),
    ],
)
async def test_an_odd_limit_starts_nothing(world: World, text: str, says: str) -> None:
    """A limit that is none, or in the wrong place, is a usage error and starts nothing."""
    await world.says(world.ann, text, expect=says)
    assert not world.platform.starts()


async def test_a_session_nobody_can_stop_is_said_to_be_over_its_limit(make_world: MakeWorld) -> None:
    """Without its URL a session over its limit is told about, once, and no stop is made up."""
    async with make_world(config=CONFIG) as world:
        world.platform.faults.management("StartScenarios", Edit(without_urls))
        assert (await world.ann.slash(world.ops, "start slow")).acked
        await world.shows("uncontrolled")
        await look(world, 3_700)
        await world.replied("nobody can stop it from here: the bot never received its URL")
        assert not [each for each in world.commands() if each.verb == "stop"]


async def test_a_persons_stop_goes_before_the_limit(make_world: MakeWorld) -> None:
    """While a person's stop is under way the limit says and does nothing."""
    async with make_world(config=CONFIG.replace("1h", "30m"), environ={"SESSION_BOT_CONFIRM_SECONDS": "3600"}) as world:
        await world.started("slow")
        await world.says(world.ann, "stop 1", expect="Stop delivered")
        await look(world, 2_000)
        await world.says(world.ann, "status 1", expect="#1")
        assert not said(world, "Over its limit")
        assert len(world.platform.deliveries) == 1


async def test_many_ends_at_once_become_one_message(make_world: MakeWorld) -> None:
    """More than five sessions of a channel that call for somebody within a minute: the rest is in one message."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "2"}) as world:
        for number in range(8):
            await world.started(f"obedient {number}")
        for session in list(world.platform.sessions.values()):
            session.end("Session is destroyed")
        for number in range(8):
            await world.shows("abnormally", number)
        grouped = await world.slack.until(
            lambda: [each for each in world.ops.messages if "3 more sessions call for somebody" in each.text], "it"
        )
        assert len(grouped) == 1
        assert grouped[0].text.count("ended") == 3
        assert grouped[0].text.count(" · ") == 3  # the data that tells them apart
        replies = [*range(8)]
        await world.until(
            lambda: sum(len(said(world, "without being asked to", number)) for number in replies) == 5, "the others"
        )


async def test_people_in_turn_share_one_message(make_world: MakeWorld) -> None:
    """Whose turn it is makes no new message each time: only somebody who was not mentioned yet does."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "2"}) as world:
        for number in range(11):
            await world.started(f"obedient {number}", world.ann if number % 2 else world.bob)
        for session in list(world.platform.sessions.values()):
            session.end("Session is destroyed")

        def gathered() -> list[Message]:
            return [each for each in world.ops.messages if "for somebody in this channel" in each.text]

        await world.slack.until(lambda: sum(each.text.count("ended") for each in gathered()) == 6, "all of them")
        assert len(gathered()) == 2
        for person in (world.ann, world.bob):
            assert any(f"<@{person.id}>" in each.text for each in gathered())


def test_mistakes_in_limits_are_told_together(tmp_path: Path) -> None:
    """What is no duration, no list of people, or expected to last longer than allowed is told with its key."""
    (tmp_path / "session-bot.toml").write_text(
        '[rules.a]\nid = 1\nexpect = "soon"\nmax = 60\nnotify = "U1"\n[rules.b]\nid = 2\nexpect = "2h"\nmax = "1h"\n'
    )
    with pytest.raises(SettingsProblems) as problems:
        load_settings({}, tmp_path)
    told = "\n".join(problems.value.problems)
    for part in (
        "expect in [rules.a] must be a duration",
        "max in [rules.a] must be a duration",
        "notify in [rules.a] must be a list",
        "expect in [rules.b] must be shorter than max",
    ):
        assert part in told, told
