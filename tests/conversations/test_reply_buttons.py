"""Buttons under the replies that call for somebody: what the card offers, where people are looking."""

import pytest

from bot.sandbox.slack import Message, Person
from bot.sandbox.voximplant._faults import Edit

from .conftest import MakeWorld, World
from .test_forms import opened
from .test_overdue import CONFIG, look, without_urls

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "5"}


def labels(shown: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    return [each.label for each in shown.buttons()]


async def carries(world: World, shown: Message, *wanted: str) -> None:
    """Wait until a message carries exactly these buttons."""
    await world.slack.until(lambda: labels(shown) == list(wanted), f"{shown.text!r} to carry {wanted}")


async def alarm(world: World, count: int = 1) -> Message:
    """Wait for so many reports of a stop that is not confirmed, and give the last."""
    found = await world.slack.until(
        lambda: [each for each in world.replies() if "Stop not confirmed" in each.text][count - 1 :], "the report"
    )
    return found[0]


async def direct(world: World, person: Person, word: str) -> Message:
    """Wait for what the bot writes to a person directly."""
    return await world.slack.until(
        lambda: next((each for each in person.dm.messages if word in each.text), None), f"a direct message of {word!r}"
    )


async def test_an_unconfirmed_stop_is_asked_for_again_from_its_reply(make_world: MakeWorld) -> None:
    """The report has Stop again and Send… beside the typed commands; each report follows the session to its end."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        first = await alarm(world)
        assert first.broadcast
        await carries(world, first, "Stop again", "Send…")
        assert "/session stop 1 asks again; /session send 1 <json>".replace("<json>", "&lt;json&gt;") in first.text
        await world.presses(world.bob, first, "Stop again", expect="Stop delivered to #1")
        second = await alarm(world, 2)
        await carries(world, second, "Stop again", "Send…")
        await carries(world, first, "Stop again", "Send…")
        next(iter(world.platform.sessions.values())).end()
        await world.replied("The alarm is over.")
        for report in (first, second):
            await carries(world, report)
        assert not any(labels(each) for each in world.replies())
        assert len(world.platform.deliveries) == 2


async def test_its_send_opens_the_editor(make_world: MakeWorld) -> None:
    """Send… under the report opens the editor of its session."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        report = await alarm(world)
        await carries(world, report, "Stop again", "Send…")
        assert (await world.bob.click(report, "Send…")).acked
        editor = await opened(world, world.bob, "Send to #1", "stuck")
        assert (await world.bob.submit(editor, {"JSON": '{"hang": "up"}'})).acked
        await world.told(world.bob, "Delivered to #1")
        assert world.platform.deliveries[-1].body == b'{"hang": "up"}'


async def test_a_click_that_comes_too_late_is_told_the_truth(make_world: MakeWorld) -> None:
    """A button of before the end sends nothing and says how it ended, and what Slack shows is painted anew."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        report = await alarm(world)
        await carries(world, report, "Stop again", "Send…")
        blocks, text = list(report.blocks), report.text
        next(iter(world.platform.sessions.values())).end()
        await carries(world, report)
        report.edit(text, blocks, report.ts)
        await world.presses(world.bob, report, "Stop again", expect="#1 stuck has ended already")
        await carries(world, report)
        assert len(world.platform.deliveries) == 1


async def test_a_stop_that_could_not_be_sent_carries_them_too(make_world: MakeWorld) -> None:
    """A stop that surely did not leave is said with Stop again under it, also after the next one failed like it."""

    def elsewhere(answer: dict[str, object]) -> dict[str, object]:
        return {key: str(value).replace("127.0.0.1", "127.0.0.2") if "url" in key else value
                for key, value in answer.items()}  # fmt: skip

    async with make_world() as world:
        world.platform.faults.management("StartScenarios", Edit(elsewhere))
        await world.started("stuck")
        await world.says(world.ann, "stop 1", expect="did not reach")
        report = await world.replied("Not sent")
        await carries(world, report, "Stop again", "Send…")
        await world.presses(world.bob, report, "Stop again", expect="did not reach")
        await world.slack.until(
            lambda: [each for each in world.replies() if "Not sent" in each.text and labels(each)][1:], "the second"
        )


async def test_stop_again_works_in_direct_messages(make_world: MakeWorld) -> None:
    """Where the channel takes nothing more, starter and actor get the report with Stop again, which works there."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        world.ops.bot_in = False
        await world.says(world.bob, "stop 1", expect="Not confirmed")
        reports = [(person, await direct(world, person, "Stop not confirmed")) for person in (world.ann, world.bob)]
        for person, report in reports:
            await carries(world, report, "Stop again")
            await world.presses(person, report, "Stop again", channel=person.dm, expect="Not confirmed")
            await carries(world, report, "Stop again")
        assert len(world.platform.deliveries) == 3
        next(iter(world.platform.sessions.values())).end()
        for _, report in reports:
            await carries(world, report)


async def test_a_private_channels_session_is_stopped_from_afar_by_its_starter(make_world: MakeWorld) -> None:
    """Of a private channel's session the starter gets Stop again directly; others get no button that would fail."""
    async with make_world(environ=QUICK) as world:
        hidden = world.slack.channel("hidden", private=True, members=[world.ann, world.bob])
        await world.says(world.ann, "start stuck", channel=hidden, expect="Started #1")
        await world.shows("running", channel=hidden)
        hidden.bot_in = False
        await world.says(world.bob, "stop 1", channel=hidden, expect="Not confirmed")
        await carries(world, await direct(world, world.bob, "Stop not confirmed"))
        report = await direct(world, world.ann, "Stop not confirmed")
        await carries(world, report, "Stop again")
        await world.presses(world.ann, report, "Stop again", channel=world.ann.dm, expect="Stop delivered to #1")


async def test_what_lasts_longer_than_expected_is_stopped_from_its_reply(make_world: MakeWorld) -> None:
    """A session over `expect` is stopped by the button under the words that say so; then the button is gone."""
    async with make_world(config=CONFIG.replace("1002", "1001")) as world:
        await world.started("obedient")
        await look(world, 11 * 60)
        reply = await world.replied("lasts longer than the 10 min that are expected")
        await carries(world, reply, "Stop", "Send…")
        await world.presses(world.bob, reply, "Stop", expect="Confirmed: #1")
        await carries(world, reply)


async def test_over_its_limit_it_has_stop_again_once_the_bots_stop_is_not_confirmed(make_world: MakeWorld) -> None:
    """Over `max` the reply offers no second stop while the bot's is on its way, and Stop again when that failed."""
    async with make_world(config=CONFIG, environ={"SESSION_BOT_CONFIRM_SECONDS": "20"}) as world:
        await world.started("slow")
        await look(world, 3_700)
        reply = await world.replied("Over its limit")
        await carries(world, reply, "Send…")
        await carries(world, reply, "Stop again", "Send…")


async def test_what_nobody_can_stop_has_no_button(make_world: MakeWorld) -> None:
    """Without its URL a session over its limit is told about without buttons."""
    async with make_world(config=CONFIG) as world:
        world.platform.faults.management("StartScenarios", Edit(without_urls))
        assert (await world.ann.slash(world.ops, "start slow")).acked
        await world.shows("uncontrolled")
        await look(world, 3_700)
        assert labels(await world.replied("Over its limit")) == []


async def test_a_grouped_message_has_none(make_world: MakeWorld) -> None:
    """Of six sessions over their limit five have a reply with buttons; the message for the sixth has none."""
    async with make_world(config=CONFIG, environ=QUICK) as world:
        for number in range(6):
            await world.started(f"slow {number}")
        await look(world, 3_700)
        grouped = await world.slack.until(
            lambda: next((each for each in world.ops.messages if "for somebody" in each.text), None), "the group"
        )

        def five_reports() -> list[Message] | None:
            found = [each for number in range(6) for each in world.replies(number) if "Over its limit" in each.text]
            return found if len(found) == 5 else None

        for report in await world.slack.until(five_reports, "a report of each of the others"):
            await carries(world, report, "Stop again", "Send…")
        assert labels(grouped) == []


@pytest.mark.parametrize("how", ["deleted", "removed"])
async def test_an_alarm_that_was_read_does_not_come_back(make_world: MakeWorld, how: str) -> None:
    """When only its buttons change, a report that was deleted, or whose channel the bot left, is not said again."""
    async with make_world(environ={"SESSION_BOT_CONFIRM_SECONDS": "5"}) as world:
        await world.started("stuck")
        await world.says(world.bob, "stop 1", expect="Not confirmed")
        report = await alarm(world)
        await carries(world, report, "Stop again", "Send…")
        if how == "deleted":
            world.slack.workspace.remove_message(report)
        else:
            world.ops.bot_in = False
        next(iter(world.platform.sessions.values())).end()
        if how == "deleted":
            await world.replied("The alarm is over.")
        else:
            await direct(world, world.bob, "The alarm is over.")
        await world.until(lambda: not unsaid(world, how), "everything to be said or given up")
        assert not [each for each in world.replies() if "Stop not confirmed" in each.text and each is not report]
        assert not [each for each in world.bob.dm.messages if "Stop not confirmed" in each.text]


def unsaid(world: World, how: str) -> int:
    """Count what Slack is still to get; out of the channel, only what goes to people."""
    sql = "select count(*) from messages where error is null and shown < wanted and (? or direct_of is not null)"
    with world.database() as connection:
        return int(connection.execute(sql, [how == "deleted"]).fetchone()[0])
