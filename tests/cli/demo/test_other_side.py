"""The other side of the page with the real bot: a drill to its last verdict, and the clock put on."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.cli.demo._bot_process import BotProcess, new_bot
from bot.cli.demo._hotline import add_quick_hotline
from bot.cli.demo._workplace import furnish, workplace_config
from bot.cli.demo._world import World, open_world
from bot.sandbox.slack import Message, Person
from bot.sandbox.voximplant import default_account
from tests.sandbox.page.world import WorldTab, open_tab

SECONDS = 60


@asynccontextmanager
async def demo_world() -> AsyncIterator[tuple[WorldTab, World, BotProcess]]:
    """Open the demo's world with the bot in it, and a tab of its page."""
    account = default_account()
    hotline = add_quick_hotline(account)
    async with open_world(account=account) as world:
        furnish(world)
        bot = new_bot(world, hotline, workplace_config(world))
        async with bot.connected(), open_tab(world.platform, world.slack, world.clock, bot) as tab:
            yield tab, world, bot


async def test_a_drill_is_stopped_by_command_button_and_mention() -> None:
    """Twelve lines open by ann, bob, a back-end and callers; all get a verdict, whichever way they are stopped."""
    async with demo_world() as (tab, world, bot):
        ann, bob = world.person("ann"), world.person("bob")
        await tab.does("drill", act="start")
        assert "stop it first" in await tab.refused("drill", act="start")
        alarm = await tab.until("drill", lambda each: each["phase"] == "alarm")
        assert alarm["alarm"] == "12 phone lines are open, 3 do not react. Stop them all."
        here = await tab.until("drill", lambda each: all(line["name"][0] == "#" for line in each["lines"][:8]))
        numbers = [line["name"][1:] for line in here["lines"][:8]]

        await ann.slash(world.channel, f"stop {numbers[0]} drill")
        await bob.click(card(world, numbers[1]), "Stop")
        await bob.mention(world.channel, "stop", thread=card(world, numbers[2]))
        await tab.until("drill", lambda each: [line["verdict"] for line in each["lines"][:3]] == 3 * ["ended"])
        await rounds(world, 2)
        await stop_all(world, bob)

        over = await tab.until("drill", lambda each: each["phase"] == "over")
        unconfirmed = [line for line in over["lines"] if line["verdict"] == "not confirmed"]
        assert [line["elsewhere"] for line in unconfirmed] == [False, False, True]
        words = " ".join(over["words"])
        assert "9 of 12 ended." in words
        assert f"named as not confirmed: {', '.join(line['name'] for line in unconfirmed)}." in words
        assert over["seconds"] > 0

        await tab.does("drill", act="start")
        await tab.until("drill", lambda each: each["number"] == 2 and each["phase"] == "alarm")
        assert not any(world.platform.sessions[line["id"]].running for line in over["lines"])
        await tab.does("drill", act="stop")
        await tab.until("drill", lambda each: each["phase"] == "stopped")
        assert bot.alarms() == []


async def test_no_healthy_session_is_silent_when_the_clock_is_put_on() -> None:
    """Minutes and hours pass at once, while sessions announce themselves: none is called silent, and none ends."""
    async with demo_world() as (tab, world, bot):
        ids = [(await tab.does("ring", rule="hotline", number=f"+155501{n:02}"))["id"] for n in range(3)]
        bob = world.person("bob")
        while "3 sessions are open" not in await listed(world, bob):
            await rounds(world, 1)
        for seconds in (300, 3600):
            await tab.does("clock", seconds=seconds)
            await rounds(world, 2)
        assert "3 sessions are open" in await listed(world, bob)
        assert all(world.platform.sessions[each].running for each in ids)
        assert "silent" not in world.slack.conversation().lower()
        assert bot.alarms() == []


async def stop_all(world: World, person: Person) -> None:
    """Type a stop of all sessions, and press the button of its preview."""

    def shown() -> tuple[Message, str] | None:
        labels = ((each, label) for each in person.ephemerals(world.channel) for label in buttons(each))
        return next((found for found in labels if re.fullmatch(r"Stop \d+ sessions", found[1])), None)

    await person.slash(world.channel, "stop all")
    preview = await world.slack.until(shown, "a preview with its button", SECONDS)
    assert preview is not None
    await person.click(*preview)


async def listed(world: World, person: Person) -> str:
    """Return what a person is shown of the sessions that nobody started in Slack."""
    before = len(person.ephemerals(world.channel))
    await person.slash(world.channel, "list origin=elsewhere")
    shown = await world.slack.until(lambda: person.ephemerals(world.channel)[before:], "the list", SECONDS)
    return shown[-1].plain()


async def rounds(world: World, number: int) -> None:
    """Wait until the bot has read so many times what the sessions announce."""
    reads = sum(each.method == "GetKeyValueItems" for each in world.platform.requests)

    def is_read() -> bool:
        return sum(each.method == "GetKeyValueItems" for each in world.platform.requests) >= reads + number

    async with asyncio.timeout(SECONDS):
        while not is_read():  # noqa: ASYNC110 - the API sets no event
            await asyncio.sleep(0.05)


def cards(world: World) -> list[Message]:
    """Return the cards of the channel."""
    return [each for each in world.channel.messages if " – " in each.plain().partition("\n")[0]]


def card(world: World, number: str) -> Message:
    """Return the card of a session."""
    (found,) = [each for each in cards(world) if f"#{number} " in each.plain().partition("\n")[0]]
    return found


def buttons(message: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    return [button.label for button in message.buttons()]
