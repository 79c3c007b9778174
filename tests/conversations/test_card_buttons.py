"""The card's buttons: commands typed by hand, each truthful to a person who presses too late."""

import asyncio
from typing import Any

from bot.sandbox.voximplant._faults import Edit, Slow, Status

from .conftest import MakeWorld, World

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "5"}


def labels(shown: Any) -> list[str]:
    """Return the labels of a message's buttons."""
    return [each.label for each in shown.buttons()]


async def test_the_dialog_of_stop_names_what_it_stops(world: World) -> None:
    """Stop asks with rule, starter and time; two people pressing it make one stop, and both are told the truth."""
    card = await world.started()
    button = next(each for each in card.buttons() if each.label == "Stop")
    assert button.confirm is not None
    assert button.confirm.title == "Stop session #1?"
    for part in ("Rule obedient", "started by ann", "started "):
        assert part in button.confirm.text
    world.platform.faults.session(Slow(10))
    pressed = await asyncio.gather(world.ann.click(card, "Stop"), world.bob.click(card, "Stop"))
    assert all(each.acked for each in pressed)
    await world.slack.until(
        lambda: [each for who in (world.ann, world.bob) for each in who.ephemerals() if "not two" in each.text],
        "one of them to be told that one stop is sent",
    )
    world.platform.faults.release()
    for person in (world.ann, world.bob):
        await world.told(person, "Confirmed: #1")
    assert len(world.platform.deliveries) == 1


async def test_a_record_closed_by_a_click_says_over_what(make_world: MakeWorld) -> None:
    """A click gives no reason: the thread says what the record was closed over, and by whom."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        card = await world.shows("stop not confirmed")
        await world.presses(world.bob, card, "Close the record", expect="is closed. Nothing was sent")
        reply = await world.replied("Record closed by")
        assert "Record closed by bob without confirmation: its stop was not confirmed." in reply.text


async def test_an_unconfirmed_session_is_closed_watched_and_still_stopped(make_world: MakeWorld) -> None:
    """Close the record says who and why, sends nothing, and leaves the session stoppable; a second close is told so."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.ann, "close 1", expect="#1 stuck is running, so its record stays open.")
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        card = await world.shows("stop not confirmed")
        assert labels(card) == ["Stop again", "Send…", "Close the record", "Refresh"]
        await world.says(world.bob, "close 1 support ended it", expect="The record of #1 stuck is closed.")
        card = await world.shows("record closed")
        assert labels(card) == ["Stop again", "Send…", "Refresh"]
        reply = await world.replied("Record closed by")
        assert "Record closed by bob without confirmation: support ended it" in reply.text
        await world.says(world.ann, "close 1", expect="is closed already")
        assert world.session().state == "abandoned"
        assert len(world.platform.deliveries) == 1
        await world.presses(world.ann, card, "Stop again", expect="Stop delivered to #1")
        (session,) = world.platform.sessions.values()
        session.end()
        await world.shows("ended")
        assert len(world.platform.deliveries) == 2


async def test_the_record_of_an_unknown_start_is_closed_by_a_click(make_world: MakeWorld) -> None:
    """Of a start whose outcome is not known a click closes the record, and the card offers no more than to look."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "2"}) as world:
        world.platform.faults.management("StartScenarios", Status(502, "<html>"))
        await world.says(world.ann, "start obedient", expect="not known")
        card = await world.shows("unknown")
        await world.presses(world.bob, card, "Close the record", expect="is closed. Nothing was sent")
        card = await world.shows("record closed")
        assert labels(card) == ["Refresh"]
        assert world.audit()[-1].became in {"done", "abandoned"}


async def test_a_closed_record_follows_the_history(make_world: MakeWorld) -> None:
    """A closed record is still watched: when the history says that it ended, the card says so."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "2"}) as world:
        urls = ("media_session_access_secure_url", "media_session_access_url")
        world.platform.faults.management("StartScenarios", Edit(lambda answer: answer | dict.fromkeys(urls)))
        await world.says(world.ann, "start obedient", expect="without a URL")
        card = await world.shows("uncontrolled")
        await world.presses(world.bob, card, "Close the record", expect="is closed. Nothing was sent")
        await world.shows("record closed")
        (session,) = world.platform.sessions.values()
        session.end()
        await world.until(lambda: world.session().state == "ended", "the end to be read")
        await world.shows("abnormally: Terminated administratively")


async def test_a_closed_record_keeps_its_url_for_a_week(make_world: MakeWorld) -> None:
    """The key to a session whose record was closed is wiped when its time is over, and nobody is offered a stop."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        await world.says(world.bob, "close 1", expect="is closed. Nothing was sent")
        assert world.session().has_url
        world.clock.jump(8 * 86_400)
        await world.stop_bot()
        await world.start_bot()
        await world.until(lambda: not world.session().has_url, "its URLs to be wiped")
        await world.slack.until(lambda: "Stop again" not in labels(world.card()), "the card to offer no stop")
        assert len(world.platform.deliveries) == 1


async def test_start_again_starts_once_whoever_presses(world: World) -> None:
    """Start again repeats rule and data once per card, for all people; the second is told what the first started."""
    await world.says(world.ann, 'start obedient {"ticket": 12}', expect="Started #1")
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    card = await world.slack.until(
        lambda: world.card() if labels(world.card()) == ["Start again"] else None, "the card to be over"
    )
    await world.presses(world.bob, card, "Start again", expect="Started #2 obedient.")
    told = await world.presses(world.ann, card, "Start again", expect="pressed this already")
    assert f"<@{world.bob.id}> pressed this already" in told.text
    assert "It started #2. Nothing was started now." in told.text
    assert world.session(2).custom_data == '{"ticket": 12}'
    assert len(world.platform.starts()) == 2


async def test_a_click_whose_moment_has_passed_tells_the_truth_and_repaints(world: World) -> None:
    """A button of an older card says how it stands now, sends nothing, and the card is painted anew."""
    card = await world.started()
    blocks, text = list(card.blocks), card.text
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    await world.slack.until(lambda: labels(world.card()) == ["Start again"], "the card to be over")
    world.card().edit(text, blocks, card.ts)
    await world.presses(world.ann, world.card(), "Stop", expect="#1 obedient has ended already")
    await world.slack.until(lambda: labels(world.card()) == ["Start again"], "the card to be painted anew")
    assert len(world.platform.deliveries) == 1


async def test_refresh_asks_the_history_now(make_world: MakeWorld) -> None:
    """Refresh asks the history at once, long before its time, and the card follows."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "3600"}) as world:
        card = await world.started("any-request")
        (session,) = world.platform.sessions.values()
        session.end()
        await world.presses(world.bob, card, "Refresh", expect="The history is being asked now")
        await world.shows("ended")
