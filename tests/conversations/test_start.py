"""start: which rule is meant, what reaches the scenario, and what is told when it goes wrong."""

from functools import partial
from typing import Any

import pytest

from bot.sandbox.slack._faults import RateLimited
from bot.sandbox.voximplant import Account, default_account
from bot.sandbox.voximplant._account import shipped_scenario
from bot.sandbox.voximplant._faults import Edit, Slow

from .conftest import BOTH_MODES, MakeWorld, World

pytestmark = BOTH_MODES

HISTORY_ID = 4202753936


def account_with(*names: str) -> Account:
    """Set the usual account up, with one more application that has rules of these names."""
    account = default_account()
    sales = account.add_application("sales")
    for name in names:
        account.add_rule(sales, name, shipped_scenario("stuck"))
    return account


async def test_a_rule_is_meant_by_number_alias_or_exact_name(make_world: MakeWorld) -> None:
    """A rule's number, its alias and its name, in straight or curly quotes if it has spaces, all start it."""
    account = account_with("night shift")
    rule = account.rules[-1].rule_id
    async with make_world(account=account, config=f"[rules.night]\nid = {rule}\n") as world:
        forms = (
            str(rule),
            "night",
            '"night shift"',
            "“night shift”",
            "'night shift'",
            "„night shift“",
            "‘night shift’",  # noqa: RUF001 - what phones make of straight ones
        )
        for number, form in enumerate(forms, start=1):
            told = await world.says(world.ann, f"start {form}", expect=f"Started #{number} night shift (night).")
            assert "Thread" in told.text
            world.clock.jump(31)  # in quotes or without, it is the same start
        assert len(world.platform.starts(rule)) == len(forms)
        assert {each.custom_data for each in world.platform.sessions.values()} == {""}


async def test_a_name_of_several_rules_starts_none(make_world: MakeWorld) -> None:
    """A name that two applications have lists both with their numbers, and starts nothing; a number starts."""
    account = account_with("obedient")
    async with make_world(account=account) as world:
        told = await world.says(world.ann, "start obedient", expect="Several rules have that name")
        other = account.rules[-1].rule_id
        assert "• obedient in demo – rule 1001" in told.text
        assert f"• obedient in sales – rule {other}" in told.text
        assert not world.platform.starts()
        assert not world.ops.messages
        await world.says(world.ann, f"start {other}", expect="Started #1 obedient")
        assert len(world.platform.starts(other)) == 1


async def test_an_unknown_rule_names_the_nearest(make_world: MakeWorld) -> None:
    """A name that no rule has is answered with the nearest names and aliases, and starts nothing."""
    async with make_world(config="[rules.reminder]\nid = 1002\n") as world:
        await world.says(
            world.ann, "start Obedeint", expect="No rule is called Obedeint. Nothing was started. Near it: obedient"
        )
        await world.says(world.ann, "start remindr", expect="Near it: reminder")
        await world.says(world.ann, "start zzzz", expect="rules lists those that there are")
        told = await world.says(world.ann, "start 1009", expect="No rule has the number 1009. Nothing was started.")
        assert "Near it: " in told.text
        assert "1005 crash" in told.text
        told = await world.says(world.ann, f"start {'9' * 40}", expect="Nothing was started")
        assert "9999" in told.text
        assert not world.platform.starts()
        assert not world.ops.messages
        assert {each.state for each in world.commands()} == {"refused"}


@pytest.mark.parametrize(
    "data",
    [
        '{"a" :  1,\t"b":"x"}  ',
        "plain text, with “curly” quotes and  two spaces ",
        "🚑 אמבולנס لبنان \u202e<@U1> &amp; *x*",
        "-- a dash is no option",
        "— nor is a long one",
        "é" * 100,
    ],
)
async def test_custom_data_reaches_the_scenario_untouched(world: World, data: str) -> None:
    """What follows the rule reaches the scenario as it was typed: spaces, emoji, right-to-left, up to 200 bytes."""
    await world.says(world.ann, f"start obedient {data}", expect="Started #1")
    (session,) = world.platform.sessions.values()
    assert session.custom_data == data
    assert world.session().custom_data == data


async def test_too_much_custom_data_starts_nothing(make_world: MakeWorld) -> None:
    """Data over the limit, counted in bytes of UTF-8, is refused with its size; the limit is a setting."""
    async with make_world() as world:
        told = await world.says(world.ann, f"start obedient {'é' * 100}x", expect="The data is 201 bytes")
        assert "the platform takes 200 at a start. Nothing was started." in told.text
        assert not world.ops.messages
    async with make_world(config="[limits]\ncustom_data_bytes = 10\n") as world:
        await world.says(world.ann, "start obedient 0123456789A", expect="The data is 11 bytes")
        assert not world.platform.starts()


@pytest.mark.parametrize(
    "text", ["obedient --limit 30m x", "--tag=5 obedient", "obedient —tag 30m", "obedient –dry-run"]
)
async def test_an_unknown_option_starts_nothing(world: World, text: str) -> None:
    """What looks like an option is refused, wherever it stands, also when a phone made one dash of two."""
    await world.says(world.ann, f"start {text}", expect="is not an option of start, so nothing was started.")
    assert not world.asked()
    assert not world.ops.messages


async def test_a_rule_may_ask_for_a_tag(make_world: MakeWorld) -> None:
    """A rule with `tag` gets a tag of its own behind the data, which counts to the limit; others get nothing."""
    async with make_world(config="[rules.tagged]\nid = 1001\ntag = true\n") as world:
        await world.says(world.ann, "start tagged ticket 12", expect="Started #1")
        await world.says(world.bob, "start tagged ticket 12", expect="Started #2")
        one, two = (each.custom_data for each in world.platform.sessions.values())
        assert one != two
        assert one.startswith("ticket 12#")
        assert world.session().custom_data == one
        await world.says(world.ann, f"start tagged {'x' * 195}", expect="The data is 204 bytes")


async def test_nothing_is_started_where_the_card_cannot_stand(world: World) -> None:
    """In a channel without the bot the person is told to invite it, and nothing is started."""
    away = world.slack.channel("away", bot_in=False)
    told = await world.says(world.ann, "start obedient", channel=away, expect="/invite @session-bot")
    assert "nothing was started" in told.text
    assert not world.platform.starts()
    assert world.session().state == "failed"
    assert world.commands()[0].state == "failed"


async def test_a_start_answered_without_a_url_runs_uncontrolled(world: World) -> None:
    """An answer without a URL is a session that runs and that nobody can stop; its number is told for support."""

    def without_urls(answer: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in answer.items() if "url" not in key}

    world.platform.faults.management("StartScenarios", Edit(without_urls))
    await world.says(world.ann, "start obedient", expect="The platform answered without a URL")
    await world.shows("uncontrolled")
    await world.says(world.ann, "stop 1", expect=f"h{HISTORY_ID}; support can be asked with it")
    await world.says(world.ann, "send 1 {}", expect="The bot holds no URL for #1 obedient")
    assert world.commands()[-1].state == "refused"


async def test_a_number_that_another_session_has_is_not_taken(world: World) -> None:
    """An answer that names another session's number is kept without it: two sessions are never one row."""

    def the_first_ones(answer: dict[str, Any], *, urls: bool) -> dict[str, Any]:
        kept = {key: value for key, value in answer.items() if urls or "url" not in key}
        return {**kept, "call_session_history_id": HISTORY_ID}

    await world.started("stuck")
    for number, urls in ((2, False), (3, True)):
        world.platform.faults.management("StartScenarios", Edit(partial(the_first_ones, urls=urls)))
        await world.says(world.ann, f"start stuck {number}", expect=f"#{number} stuck")
        numbers = [world.session(each).history_id for each in range(1, number + 1)]
        assert numbers[0] == HISTORY_ID
        assert numbers.count(HISTORY_ID) == 1


async def test_a_burst_of_starts_is_served_in_the_order_of_typing(world: World) -> None:
    """Of starts that wait for their cards the first that was typed is served first; who waits is told for which."""
    await world.started()
    world.slack.faults.add("chat.postMessage", RateLimited(2))
    typed = [str(number) for number in range(2, 8)]
    for number in typed:
        assert (await world.ann.slash(world.ops, f"start obedient {number}")).acked
    await world.told(world.ann, "Working on start obedient 7: there is no answer yet.")
    await world.shows("running", len(typed))
    cards = [each.text for each in world.ops.messages]
    assert [each.split()[1] for each in cards] == ["#1", *(f"#{number}" for number in typed)]
    assert all(f"Data: {number}" in card for number, card in zip(typed, cards[1:], strict=True))
    working = [each.text for each in world.ann.ephemerals(world.ops) if "Working" in each.text]
    assert len(set(working)) == len(working)


async def test_a_line_that_is_worked_on_is_shown_without_its_secrets(world: World) -> None:
    """What is quoted of a command that takes long is masked, scrubbed and cut, and nothing in it has an effect."""
    world.platform.faults.management("StartScenarios", Slow(10))
    data = '{"pin": "48151", "say": "<!here> https://127.0.0.1/request/AF30C0FFEE42/90AB", "note": "' + "x" * 90 + '"}'
    told = await world.says(world.ann, f"start obedient {data}", expect="Working on")
    assert "start obedient {" in told.text
    assert "…: there is no answer yet." in told.text
    for harm in ("48151", "AF30C0FFEE42", "<!here>", "\0"):
        assert harm not in str((told.text, told.blocks))
    world.platform.faults.release()
    await world.told(world.ann, "Started #1")


async def test_a_long_start_is_said_to_be_worked_on(world: World) -> None:
    """Who waits longer than two seconds is told so once, and gets the outcome after it."""
    world.platform.faults.management("StartScenarios", Slow(10))
    await world.says(world.ann, "start obedient", expect="Working on start obedient: there is no answer yet.")
    world.platform.faults.release()
    await world.told(world.ann, "Started #1")
    assert len([each for each in world.ann.ephemerals() if "Working" in each.text]) <= 1


async def test_a_start_that_could_not_be_made_does_not_stay_open(world: World) -> None:
    """When Slack takes no card and the database no record, nothing is started, and the record says so in the end."""
    world.slack.faults.add("chat.postMessage", RateLimited(60))
    typed = await world.ann.slash(world.ops, "start obedient")
    assert typed.acked
    await world.until(lambda: world.commands()[0].session, "the session to be recorded")
    with world.locked():
        await world.told(world.ann, "Slack did not take the session's card in time, so nothing was started.")
    await world.until(lambda: world.session().state == "failed", "the record to be closed")
    await world.says(world.ann, "stop 1", expect="#1 obedient never started, so there is nothing to stop.")
    assert not world.platform.starts()
