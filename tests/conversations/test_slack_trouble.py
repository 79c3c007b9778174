"""Slack misbehaves, or people press what is old, twice or at once: nothing is lost and nothing happens twice."""

import json
from typing import Any

import pytest

from bot.sandbox.slack import Error, Hang, Http, Message, RateLimited, Reset
from bot.sandbox.slack._faults import Fault
from bot.sandbox.voximplant import Edit, Slow
from bot.sandbox.voximplant import Html as BadGateway
from bot.slack.render import render_mrkdwn
from storage.command import CommandState
from storage.records import State
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World


def posts(world: World) -> int:
    """Count the calls of chat.postMessage."""
    return len([call for call in world.slack.calls if call.method == "chat.postMessage"])


def tried(world: World, calls: int | None = None) -> list[str]:
    """Return the calls that put a message somewhere, among the first so many."""
    methods = [call.method for call in world.slack.calls[:calls]]
    return [each for each in methods if each in {"chat.postMessage", "chat.update"}]


def given_up(world: World) -> list[str]:
    """Return Slack's word on each card that will not be tried again."""
    with world.database() as connection:
        rows = connection.execute("select error from messages where kind = 'card' and error is not null")
        return [str(row[0]) for row in rows]


def labels(message: Message) -> list[str]:
    """Return the labels of a message's buttons."""
    return [each.label for each in message.buttons()]


def says_ended(answer: dict[str, Any]) -> dict[str, Any]:
    """Make the history say that each session ended for want of money."""
    ended = {"active": False, "duration": 1, "finish_reason": "Insufficient funds"}
    return answer | {"result": [row | ended for row in answer["result"]]}


async def test_a_channel_without_the_bot_gets_the_invitation_to_type(world: World) -> None:
    """Where the bot is no member, a start says how to invite it and starts nothing; invited, it starts."""
    away = world.slack.channel("away", bot_in=False)
    told = await world.says(world.ann, "start obedient", channel=away, expect="/invite @session-bot")
    assert "nothing was started" in told.text
    assert world.platform.starts() == []
    assert world.session().state is State.failed
    assert world.commands()[0].state is CommandState.failed
    assert away.messages == []
    away.bot_in = True
    await world.says(world.bob, "start obedient", channel=away, expect="Started #2")
    assert ["#2" in each.text for each in away.messages] == [True]


@pytest.mark.parametrize(
    ("word", "says"),
    [("channel_not_found", "/invite"), ("is_archived", "archived"), ("restricted_action", "does not let the bot post")],
)
async def test_a_card_that_slack_refuses_keeps_anything_from_being_started(world: World, word: str, says: str) -> None:
    """Whatever Slack's final word about the card is, the person gets a sentence, and nothing is started."""
    world.slack.faults.add("chat.postMessage", Error(word))
    told = await world.says(world.ann, "start obedient", expect=says)
    assert "nothing was started" in told.text
    assert world.platform.starts() == []
    assert world.session().state is State.failed


NOT_SLACK = [Http(200), Http(200, "text/plain"), Http(200, "application/json"), Http(403), Http(200, "text/csv")]
"""What gateways and captive portals answer in Slack's place."""


@pytest.mark.parametrize(
    "fault",
    [RateLimited(3), Http(502), Reset(), Error("internal_error"), Error("team_added_to_org"), *NOT_SLACK],
    ids=str,
)
async def test_a_start_waits_for_its_card(world: World, fault: Fault) -> None:
    """What keeps Slack from taking the card for a moment delays the start, and it starts once."""
    world.slack.faults.add("chat.postMessage", fault, times=2)
    await world.started("obedient")
    assert len(world.platform.starts()) == 1
    assert len(world.ops.messages) == 1


async def test_a_card_that_is_not_taken_in_time_starts_nothing(world: World) -> None:
    """A start whose card hangs is given up with nothing started; the card tells so as soon as Slack takes it."""
    world.slack.faults.add("chat.postMessage", Http(503), times=1_000)
    told = await world.says(world.ann, "start obedient", expect="did not take the session's card in time")
    assert "nothing was started" in told.text
    world.slack.faults.clear()
    await world.shows("not started")
    assert world.platform.starts() == []


async def test_a_slack_that_hangs_holds_up_no_stop(world: World) -> None:
    """While every call to Slack hangs, a stop by somebody seen before goes out and is confirmed by the history."""
    await world.started("obedient", world.bob)
    for method in ("chat.update", "chat.postMessage", "users.info", "conversations.info", "response_url"):
        world.slack.faults.add(method, Hang(), times=100)
    world.clock.jump(3_600)  # what was known of the person is too old by now
    typed = await world.bob.slash(world.ops, "stop 1")
    assert typed.acked
    await world.until(lambda: world.platform.deliveries, "the stop to reach the session")
    await world.until(lambda: world.session().state is State.ended, "the end to be read")


async def test_the_card_of_a_running_session_comes_back_when_it_is_deleted(world: World) -> None:
    """A deleted card is posted anew as long as its session runs, and what is told next stands under the new one."""
    first = await world.started("obedient")
    world.slack.workspace.remove_message(first)
    await world.says(world.ann, 'send 1 {"a": 1}', expect="Delivered to #1")
    card = await world.shows("running")
    assert card.ts != first.ts
    await world.replied("Delivered")
    await world.says(world.ann, "stop 1", expect="#1 obedient ended")
    await world.shows("ended")
    assert len(world.ops.messages) == 1


async def test_a_reply_brings_the_deleted_card_of_an_ended_session_back(world: World) -> None:
    """An abnormal end is told although somebody deleted the card: nothing that concerns a person gets lost."""
    await world.started("obedient")
    faults, (session,) = world.platform.faults, world.platform.sessions.values()
    faults.management("GetCallHistory", Edit(says_ended), times=1)
    faults.management("GetCallHistory", BadGateway(502), times=1_000)
    card = await world.shows("read once more")
    world.slack.workspace.remove_message(card)
    session.end("Insufficient funds")
    faults.clear()
    await world.slack.until(lambda: world.ops.messages, "the card to come back")
    reply = await world.replied("without being asked to")
    assert f"<@{world.ann.id}>" in reply.text


def slacks_words(world: World) -> list[tuple[int | None, str]]:
    """Return what the audit says that Slack did not take: about which session, and in which words."""
    return [(line.session, render_mrkdwn(line.words or "")) for line in world.audit() if line.subject == "note"]


@pytest.mark.parametrize("word", ["channel_not_found", "is_archived"])
async def test_a_refused_card_has_its_line_in_the_audit(world: World, word: str) -> None:
    """That Slack did not take a card, and why, is a line about its session, which `audit` shows."""
    world.slack.faults.add("chat.postMessage", Error(word))
    await world.says(world.ann, "start obedient", expect="nothing was started")
    assert slacks_words(world) == [(1, f"Slack did not take the card of #1: `{word}`.")]
    told = await world.says(world.ann, "audit 1", expect="Slack did not take the card of #1")
    assert "the bot · note · #1 · refused" in told.text


async def test_each_deletion_that_slack_tells_is_a_line(world: World) -> None:
    """A card that turns out to be deleted is in the audit each time, and comes back each time."""
    card = await world.started("stuck")
    line = (1, "Slack did not take the card of #1: `message_not_found`.")
    for lines in ([line], [line, line]):
        world.slack.workspace.remove_message(card)
        assert (await world.ann.slash(world.ops, "refresh 1")).acked
        card = await world.shows("running")
        assert slacks_words(world) == lines


async def test_a_channel_that_is_asked_again_and_again_is_one_line(world: World) -> None:
    """What Slack says of one message every time it is tried is one line, until it has taken the message meanwhile."""
    await world.started("obedient")
    world.ops.bot_in = False
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    await world.until(lambda: len(slacks_words(world)) == 2, "a line for the card and one for the reply")
    asked = len(world.slack.calls)
    world.clock.jump(120)
    await world.says(world.bob, "list", expect="No session is open")
    await world.slack.until(
        lambda: len(tried(world)) > len(tried(world, asked)) + 1, "card and reply to be tried again"
    )
    assert sorted(slacks_words(world)) == [
        (1, "Slack did not take a reply about #1: `not_in_channel`."),
        (1, "Slack did not take the card of #1: `not_in_channel`."),
    ]


async def test_what_only_waits_is_no_line(world: World) -> None:
    """A 429 loses nothing and leaves no line of its own: the command has its outcome when Slack has taken the card."""
    world.slack.faults.add("chat.postMessage", RateLimited(3), times=2)
    await world.started("obedient")
    assert slacks_words(world) == []
    assert [line.became for line in world.audit() if line.subject == "command"] == ["accepted", "calling", "done"]


async def test_a_bot_that_was_removed_from_the_channel_catches_up_when_it_is_back(world: World) -> None:
    """Removed from the channel, the bot still stops and tells the person; invited again, it shows what happened."""
    card = await world.started("obedient")
    world.ops.bot_in = False
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    assert "running" in card.text
    world.ops.bot_in = True
    world.clock.jump(120)
    await world.says(world.bob, "list", expect="No session is open")
    await world.shows("ended")
    await world.replied("Confirmed: #1 obedient ended")


@pytest.mark.parametrize("fault", [RateLimited(2), Http(503), Reset()], ids=["429", "503", "reset"])
async def test_a_line_that_slack_does_not_take_at_once_is_told_again(world: World, fault: Fault) -> None:
    """What a person is told in person is tried again when Slack's answer says that it may pass."""
    world.slack.faults.add("response_url", fault, times=2)
    await world.says(world.ann, "list", expect="No session is open")


async def test_updates_that_slack_refuses_for_a_while_are_made_up_for(world: World) -> None:
    """A card that may not be updated now shows the last truth when it may, not every step on the way."""
    card = await world.started("obedient")
    edits = card.edits
    world.slack.faults.add("chat.update", RateLimited(15))
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    await world.shows("Confirmed by the history")
    assert card.edits == edits + 1


@pytest.mark.parametrize("fault", [*NOT_SLACK, Error("org_login_required"), Error("update_failed")], ids=str)
async def test_one_odd_answer_does_not_freeze_a_card(world: World, fault: Fault) -> None:
    """An answer that is not Slack's, or not its last word, is no reason to stop showing what is true."""
    await world.started("obedient")
    world.slack.faults.add("chat.update", fault)
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    await world.shows("Confirmed by the history")


async def test_refresh_tries_a_card_again_that_slack_once_refused(world: World) -> None:
    """What Slack refused for good may be possible later: *Refresh* asks for it again."""
    card = await world.started("obedient")
    world.slack.faults.add("chat.update", Error("edit_window_closed"), times=100)
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")
    await world.until(lambda: given_up(world) == ["edit_window_closed"], "the card to be given up")
    world.slack.faults.clear()
    await world.ann.click(card, "Refresh")
    await world.shows("ended")


@pytest.mark.parametrize("page", NOT_SLACK, ids=str)
async def test_a_page_in_slacks_place_is_no_wrong_token(make_world: MakeWorld, page: Fault) -> None:
    """What a captive portal answers says nothing about a token: the bot waits until Slack itself answers."""
    async with make_world(start=False) as world:
        for method in ("auth.test", "apps.connections.open"):
            world.slack.faults.add(method, page)
        await world.start_bot()
        await world.says(world.ann, "list", expect="No session is open")


async def test_the_line_to_the_person_links_to_the_thread(world: World) -> None:
    """The link in a person's line opens the card whose thread has the details."""
    told = await world.says(world.ann, "start obedient", expect="Started #1")
    card = await world.shows("running")
    assert f"<{world.slack.workspace.permalink(card)}|Thread>" in told.blocks[0]["text"]["text"]


async def test_a_connection_that_is_replaced_loses_nothing(world: World) -> None:
    """Slack's hourly request to reconnect, in the middle of a start, loses neither command nor outcome."""
    world.platform.faults.management("GetApplications", Slow(0.2))
    typed = await world.ann.slash(world.ops, "start obedient")
    await world.slack.disconnect()
    await world.slack.connected()
    assert typed.acked
    await world.shows("running")
    await world.says(world.bob, "stop 1", expect="#1 obedient ended")


async def test_what_slack_delivers_twice_is_done_once(world: World) -> None:
    """A second delivery of the same command or click does nothing and says nothing."""
    typed = await world.ann.slash(world.ops, "start obedient")
    card = await world.shows("running")
    again = await world.ann.redeliver(typed)
    clicked = await world.bob.click(card, "Stop")
    await world.told(world.bob, "#1 obedient ended")
    clicked_again = await world.bob.redeliver(clicked)
    assert again.acked
    assert clicked_again.acked
    await world.says(world.ann, "list", expect="No session is open")
    assert len(world.platform.starts()) == 1
    assert len(world.platform.deliveries) == 1
    assert [each.verb for each in world.commands()] == ["start", "stop", "list"]


async def test_a_click_on_stop_asks_first(world: World) -> None:
    """The Stop button asks with words for both answers, names what it stops, and *Keep running* does nothing."""
    card = await world.started("obedient")
    (button,) = [each for each in card.buttons() if each.label == "Stop"]
    assert button.confirm is not None
    assert (button.confirm.confirm, button.confirm.deny) == ("Stop session", "Keep running")
    assert button.confirm.title == "Stop session #1?"
    assert "obedient" in button.confirm.text
    assert f"started {world.session().started_at:%H:%M} UTC" in button.confirm.text
    kept = await world.bob.click(card, "Stop", confirm=False)
    assert not kept.envelope_id
    await world.presses(world.bob, card, "Stop", expect="#1 obedient ended")
    await world.slack.until(lambda: "Stop" not in labels(card), "the card to offer no stop")


async def test_two_clicks_make_one_stop_and_both_are_told_the_truth(world: World) -> None:
    """A double click, and the click of a second person, send nothing more and are told whose stop is on its way."""
    card = await world.started("slow-stop 1")
    shown = Message(**{**vars(card), "blocks": card.blocks})
    shown_entries = world.ops.entries
    await world.presses(world.ann, card, "Stop", expect="Stop delivered to #1")
    shown_entries.append(shown)  # the card as it was, still on the screens
    await world.presses(world.ann, shown, "Stop", expect="you asked it to stop")
    told = await world.presses(world.bob, shown, "Stop", expect="asked it to stop")
    assert f"<@{world.ann.id}>" in told.text
    shown_entries.remove(shown)
    await world.told(world.bob, "#1 slow-stop ended")
    assert len(world.platform.deliveries) == 1
    assert json.loads(world.platform.deliveries[0].body) == {"command": "stop"}


async def test_a_click_whose_moment_has_passed_tells_the_truth(world: World) -> None:
    """A Stop button that still stands somewhere after the end says who ended the session, and sends nothing."""
    await world.started("obedient")
    listed = await world.says(world.bob, "list", expect="1 session is open")
    await world.says(world.ann, "stop 1", expect="#1 obedient ended")
    told = await world.presses(world.bob, listed, "Stop", expect="has ended already")
    assert f"after a stop by <@{world.ann.id}>" in told.text
    assert len(world.platform.deliveries) == 1


async def test_a_button_that_has_expired_says_so(make_world: MakeWorld) -> None:
    """A button under a line to one person is good for a while; then it does nothing, and says what to do."""
    async with make_world(clock=QuickClock(times=1)) as world:  # no second press comes later than it is made
        await world.started("obedient")
        again = await world.says(world.ann, "start obedient", expect="Already started #1")
        assert labels(again) == ["Start another"]
        world.clock.jump(700)
        told = await world.presses(world.ann, again, "Start another", expect="expired")
        assert "nothing was done" in told.text
        assert len(world.platform.starts()) == 1
