"""Typing: the grammar, the help, ids in all their forms, and the verbs that only look."""

import pytest

from bot.config._grants import EVERYDAY
from bot.ports import Right
from bot.sandbox.voximplant import Account
from bot.slack.render import render_mrkdwn
from bot.verbs import VERBS
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World

UNFIT = {
    "send": "id is missing",
    'send {"a":1}': "is not a session's id",
    "close now": "now is not a session's id",
    "status now": "now is not a session's id",
    "status 1 2": "This takes one session, not several (#1, #2).",
    "close 1 and 2": "This takes one session, not several (#1, #2).",
    "send 1, 2 {}": "This takes one session, not several (#1, #2).",
    "status 1 2nd": "2nd is more than this command takes.",
    "list open stuck ones now": "now is more than this command takes.",
    "list state=closed": "state=open or state=ended or state=any",
    "help start now": "now is more than this command takes.",
}


async def test_what_does_not_fit_gets_one_sentence_and_the_usage(world: World) -> None:
    """A command that does not fit its grammar does nothing, and is answered with what is wrong and its usage."""
    for text, sentence in UNFIT.items():
        told = await world.says(world.ann, text, expect=sentence)
        verb = next(each for each in VERBS if each.name == text.split()[0])
        assert told.text.endswith(f"Usage: /session {verb.usage}".replace("<", "&lt;").replace(">", "&gt;")), told.text
    assert [each.state for each in world.commands()] == ["refused"] * len(UNFIT)
    assert not world.asked()
    assert not world.ops.messages


async def test_a_command_under_another_name_is_told_which_one_it_is(
    make_world: MakeWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """A command that the app has and the settings do not is answered with both names, logged, and in the audit."""
    async with make_world(environ={"SESSION_BOT_COMMAND": "/phone"}) as world:
        typed = await world.ann.slash(world.ops, "start obedient")
        assert typed.ack is not None
        says = "This bot is set to `/phone` (SESSION_BOT_COMMAND), and the app sent `/session`. Nothing was done."
        assert typed.ack["text"] == says
        assert "the app sent /session, and this bot is set to /phone" in caplog.text
        line = await world.until(lambda: world.audit()[-1:], "the audit's line")
        assert [(each.became, each.actor, render_mrkdwn(each.words or "")) for each in line] == [
            ("refused", world.ann.id, says)
        ]
        typed = await world.ann.slash(world.ops, "stop 1", team_id="T0OTHER")
        assert typed.ack is not None
        assert "Only members of this bot's own workspace" in typed.ack["text"]
        assert "/phone" not in typed.ack["text"]
        await world.until(lambda: world.audit()[-1].became == "denied", "the denial")
        assert not world.commands()
        assert not world.asked()


async def test_an_unclosed_quote_is_named(world: World) -> None:
    """A quote without an end is a mistake that is told, not a word that is guessed."""
    await world.says(world.ann, "start “my rule", expect="The quote that starts with “ has no end")
    await world.says(world.ann, '"start obedient', expect='The quote that starts with " has no end')
    assert not world.ops.messages


async def test_help_is_the_table_of_verbs(world: World) -> None:
    """Help and an empty text show every verb the asker may use, with usage and summary."""
    usable = [verb for verb in VERBS if verb.right in {*EVERYDAY.verbs, Right.help}]
    for text in ("help", "", "   "):
        told = await world.says(world.ann, text, expect="More:")
        for verb in usable:
            assert f"`/session {verb.usage}` – {verb.summary}" in told.plain()
    assert not world.ops.messages


async def test_help_explains_each_verb(world: World) -> None:
    """Help on a verb gives its usage and details; on a word that is none, the nearest verb, or the whole list."""
    for verb in VERBS:
        told = await world.says(world.ann, f"help {verb.name.upper()}", expect=verb.summary)
        assert f"/session {verb.name}" in told.text
        assert "Example" in told.text
    await world.says(world.ann, "help stpo", expect="Did you mean /session help stop?")


async def test_a_near_miss_is_answered_in_a_few_lines(world: World) -> None:
    """Where a verb is near, that line and the way to the help are enough; where none is, the latter."""
    for typed, meant in (("stpo 1", "/session stop 1"), ("help stpo", "/session help stop")):
        told = await world.says(world.ann, typed, expect=f"Did you mean {meant}?")
        assert told.text.splitlines()[1:] == ["All commands: /session help"]
    says = "There is no frobnicate, and nothing was done. All commands: /session help"
    assert (await world.says(world.ann, "frobnicate 7", expect="frobnicate")).text == says
    assert (await world.says(world.ann, "help frobnicate", expect="frobnicate")).text == says


async def test_what_the_asker_may_not_use_is_not_suggested(make_world: MakeWorld) -> None:
    """A word near a verb that needs a grant the asker has not is near nothing; with the grant it is suggested."""
    for granted, says in ((["look"], "All commands"), (["look", "log"], "Did you mean /session help log?")):
        async with make_world(config=f"[[policy.grant]]\nverbs = {granted}\n") as world:
            told = await world.says(world.ann, "help tail", expect=says)
            assert "There is no tail" in told.text
            assert ("log" in told.text) == ("log" in granted)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("stpo 7", "/session stop 7"), ("STATR support now", "/session start support now"), ("sned 7 [1]", "send 7 [1]")],
)
async def test_a_mistyped_verb_gets_the_line_that_was_meant(world: World, typed: str, meant: str) -> None:
    """A word near a verb is answered with the whole line as it was probably meant, and nothing is done."""
    told = await world.says(world.ann, typed, expect="nothing was done")
    assert f"Did you mean {meant}?" in told.text.replace("/session send", "send")
    assert world.commands()[0].state == "refused"


async def test_what_was_typed_in_vain_is_not_kept(world: World) -> None:
    """Values of a line that could not be understood stay with its person: no record repeats them."""
    for text, sentence in (
        ('sned 7 {"pin": "48151"}', "Did you mean"),
        ('send {"pin":"48151"}', "is not a session's id"),
        ('{"pin":"48151"} 7', "There is no"),
        ('status 7 {"pin":"48151"}', "is more than this command takes"),
        ('start {"pin":"48151"}', "No rule is called"),
    ):
        assert "48151" in (await world.says(world.ann, text, expect=sentence)).text
    assert b"48151" not in world.kept()


async def test_the_command_has_the_name_of_the_setting(make_world: MakeWorld) -> None:
    """Every text names the slash command as it is set."""
    async with make_world(environ={"SESSION_BOT_COMMAND": "/calls"}) as world:
        assert (await world.ann.slash(world.ops, "stpo 7", command="/calls")).acked
        told = await world.told(world.ann, "Did you mean /calls stop 7?")
        assert "/session" not in told.text


async def test_a_session_is_found_by_each_form_of_its_id(world: World) -> None:
    """`1`, `#1`, `s1` and the platform's number behind an `h` are the same session, in either case."""
    await world.started()
    (history_id,) = world.platform.sessions
    for form in ("1", "#1", "s1", "S1", "001", f"h{history_id}", f"H{history_id}", '"1"'):
        told = await world.says(world.ann, f"STATUS {form}", expect="obedient – running")
        assert f"h{history_id}" in told.text


async def test_an_id_that_can_be_none_is_answered_kindly(world: World) -> None:
    """Zero, a huge, a negative or a made-up number finds nothing, and the open sessions are named instead."""
    await world.started()
    for form in ("0", "999999999999999999", f"h{'9' * 18}", "9" * 19, "2", "\N{FULLWIDTH DIGIT SEVEN}", "2?"):
        told = await world.says(world.ann, f"stop {form}", expect="No session")
        assert "so nothing was done" in told.text
        assert "Open in this channel: #1 obedient." in told.text
    for form in ("-1", "1.5", "#", "seven"):
        told = await world.says(world.ann, f"stop {form}", expect=f"Nothing was stopped: {form} names no session")
        assert "#1 obedient" in told.text
        await world.says(world.ann, f"status {form}", expect="is not a session's id")
    assert not world.platform.deliveries


async def test_a_private_channels_session_looks_as_if_there_were_none(world: World) -> None:
    """A session of another private channel gets the very answer of one that does not exist, whatever is asked."""
    secret = world.slack.channel("secret", private=True, members=[world.ann])
    await world.says(world.ann, "start obedient", channel=secret, expect="Started #1")
    await world.shows("running", channel=secret)
    (history_id,) = world.platform.sessions
    for verb, rest in (("status", ""), ("stop", ""), ("send", " {}")):
        for one, none in (("1", "2"), (f"h{history_id}", f"h{history_id + 1}")):
            seen = await world.says(world.bob, f"{verb} {one}{rest}", expect="No session")
            missing = await world.says(world.bob, f"{verb} {none}{rest}", expect=f"{none} that you can see")
            assert seen.text.replace(one, none) == missing.text
    assert not world.platform.deliveries
    assert "obedient" not in str([each.text for each in world.bob.ephemerals()])


async def test_the_list_shows_what_is_asked_for(world: World) -> None:
    """The list shows this channel's open, ended or all sessions, newest first, and says so when there are none."""
    await world.says(world.ann, "list", expect="No session is open in this channel.")
    await world.started()
    await world.started("stuck")
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    told = await world.says(world.bob, "list", expect="1 session is open in this channel.")
    assert "#2 stuck – running, started" in told.text
    assert f"by <@{world.ann.id}>" in told.text
    await world.says(
        world.bob, "list state=ended", expect="1 session is over in this channel.\n\U0001f3c1 #1 obedient – ended"
    )
    told = await world.says(world.bob, "list STATE=any", expect="2 sessions are known in this channel.")
    assert told.text.index("#2 stuck") < told.text.index("#1 obedient")
    elsewhere = world.slack.channel("elsewhere", members=[world.bob])
    await world.says(world.bob, "list state=any", channel=elsewhere, expect="No session in this channel is known.")


async def test_the_list_has_a_stop_button_for_what_can_be_stopped(world: World) -> None:
    """A row's button stops that session, after its dialog; a session that is over has none."""
    await world.started()
    told = await world.says(world.bob, "list", expect="#1 obedient")
    await world.presses(world.bob, told, "Stop", expect="Confirmed: #1")
    told = await world.says(world.bob, "list state=any", expect="#1 obedient – ended")
    assert not told.buttons()


async def test_the_status_tells_everything(world: World) -> None:
    """The status has the channel, the starter, the data, the platform's number, the stop, the end and the commands."""
    await world.says(world.ann, "start obedient ticket 12", expect="Started #1")
    await world.shows("running")
    told = await world.says(world.ann, "status 1", expect="obedient – running")
    (history_id,) = world.platform.sessions
    for fact in (
        f"<#{world.ops.id}>",
        f"<@{world.ann.id}>",
        "Custom data: ticket 12",
        f"h{history_id}",
        "Last: Started.",
    ):
        assert fact in told.text
    await world.says(world.bob, "stop 1 wrong number", expect="Confirmed: #1")
    told = await world.says(world.ann, "status 1", expect="obedient – ended")
    assert f"Stop asked for by <@{world.bob.id}>" in told.text
    assert "wrong number" in told.text
    assert "Ended: Normal termination, after" in told.text
    assert "USD" in told.text
    assert f"stop by <@{world.bob.id}>" in told.text
    assert f"start by <@{world.ann.id}>" in told.text


async def test_the_rules_are_listed_by_the_names_that_start_takes(make_world: MakeWorld) -> None:
    """Rules are shown with name, application, number and alias; a filter looks into all of these."""
    config = '[rules.calm]\nid = 1001\n[rules."wild.one"]\nid = 1002\n'
    async with make_world(config=config) as world:
        told = await world.says(world.ann, "rules", expect="obedient in demo – rule 1001, alias calm")
        assert "stuck in demo – rule 1002, alias wild.one" in told.text
        assert told.text.count("•") == 5
        for part in ("CALM", "1001", "bedi"):
            told = await world.says(world.ann, f"rules {part}", expect="rule 1001")
            assert told.text.count("•") == 1
        await world.says(world.ann, "rules Nothing like it", expect="No rule has Nothing like it in its name.")


async def test_many_rules_are_read_page_by_page_and_kept_for_a_minute(make_world: MakeWorld) -> None:
    """All pages of all applications are read once, serve for a minute, and are read again after it."""
    account = Account()
    for place, count in (("first", 130), ("second", 3)):
        application = account.add_application(place)
        for number in range(count):
            account.add_rule(application, f"{place} {number}", "")

    async with make_world(account=account, clock=QuickClock(times=1)) as world:  # the minute is one

        def pages() -> int:
            return len([each for each in world.platform.requests if each.method == "GetRules"])

        told = await world.says(world.ann, "rules", expect="and 93 more")
        assert told.text.count("•") == 40
        await world.says(world.ann, "rules second 2", expect="second 2 in second – rule")
        await world.says(world.ann, "rules SECOND\u00a02", expect="second 2 in second – rule")
        assert pages() == 3
        world.clock.jump(61)
        account.add_rule(account.applications[1], "second new", "")
        await world.says(world.ann, "rules second new", expect="second new in second – rule")
        assert pages() == 6


async def test_rules_that_cannot_be_read_are_said_to_be_so(make_world: MakeWorld) -> None:
    """An account without rules, and a platform that refuses, are two different answers."""
    async with make_world(account=Account()) as world:
        await world.says(world.ann, "rules", expect="The account has no rules.")
        world.platform.account.key_id = "renewed"
        world.clock.jump(61)
        await world.says(world.ann, "rules", expect="The platform does not accept")
