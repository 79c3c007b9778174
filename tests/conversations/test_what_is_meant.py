"""Lines as tired people type them: a stop acts only where it is clear, and every other line shows what may be meant."""

import pytest

from .conftest import World
from .test_mentions import writes


async def test_a_stop_of_two_never_stops_one_of_them(world: World) -> None:
    """However two ids are joined, both are asked about; the button stops both."""
    await world.started()
    await world.started("obedient again")
    for between in (" and ", " & ", "+", " then ", " und "):
        told = await world.says(world.ann, f"stop 1{between}2", expect="Stop 2 sessions? Nothing was stopped yet.")
    for reason in ("but not the one of 2", "sekä #2", "- 2"):
        told = await world.says(world.ann, f"stop 1 {reason}", expect="Is #2 meant, too?")
        assert [each.label for each in told.buttons()] == ["Stop only #1", "Stop 2 sessions"]
    assert not world.platform.deliveries
    await world.presses(world.ann, told, "Stop only #1", expect="Confirmed: #1")
    assert not world.session(2).seems_over
    await world.says(world.ann, "stop 2 after call 1", expect="Confirmed: #2")


@pytest.mark.parametrize("form", ["1.", "#1,", "1:", "(1)", "no. 1", "session 1", "\uff11", "\u0661", "{platform}"])
async def test_an_id_is_understood_as_people_write_it(world: World, form: str) -> None:
    """Signs around it, wide digits and the platform's number without its `h` name the same session to every verb."""
    await world.started()
    typed = form.format(platform=next(iter(world.platform.sessions)))
    await world.says(world.ann, f"status {typed}", expect="obedient – running")
    await world.says(world.ann, f"audit {typed}" if " " not in typed else "audit 1", expect="Audit of #1")
    await world.says(world.ann, f'send {typed} {{"a": 1}}', expect="Delivered")
    await writes(world, world.ann, f"stop {typed}", thread=world.card(), expect="Confirmed: #1")


async def test_a_range_or_a_number_behind_one_that_is_over_is_asked_about(world: World) -> None:
    """Of a range all are meant, and what is said of an ended session does not pass over an open one beside it."""
    for rule in ("obedient", "obedient again", "stuck"):
        await world.started(rule)
    for typed in ("stop 1-3", "stop 1 to 3", "stop 1 … #3"):
        await world.says(world.ann, typed, expect="Stop 3 sessions? Nothing was stopped yet.")
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    told = await world.says(world.ann, "stop 1 or was it 2", expect="Stop #2? Nothing was stopped yet.")
    assert [each.label for each in told.buttons()] == ["Stop #2"]
    assert not world.session(2).seems_over


async def test_a_stop_that_names_nothing_shows_what_can_be_stopped(world: World) -> None:
    """Without an id, or with words that are none, nothing is stopped; the sessions that may be meant have buttons."""
    await world.says(world.ann, "stop", expect="Nothing was stopped: no session is open in this channel.")
    await world.started()
    await world.started("stuck")
    told = await world.says(world.ann, "stop", expect="Nothing was stopped: which one?")
    assert [each.label for each in told.buttons()] == ["Stop", "Stop"]
    told = await world.says(world.ann, "stop stuck", expect="stuck may mean these.")
    assert ("#2" in told.text, "#1" in told.text, len(told.buttons())) == (True, False, 1)
    told = await world.says(world.ann, "stop please 1", expect="Stop #1? Nothing was stopped yet.")
    assert not world.platform.deliveries
    await world.presses(world.ann, told, "Stop #1", expect="Confirmed: #1")
    told = await world.says(world.ann, "status", expect="1 session is open in this channel.")
    await world.says(world.ann, "stop everything", expect="Stop #2? Nothing was stopped yet.")


async def test_a_list_takes_loose_words(world: World) -> None:
    """What narrows a list down may be one plain word; a number is a session's where there is one."""
    await world.started()
    await world.started("stuck")
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    for words, says in {
        "list open": "1 session is open in this channel.",
        "list ended": "1 session is over in this channel.",
        "list all sessions": "2 sessions are known in this channel.",
        "list mine": "1 session is open in this channel, started by",
        "list stuck": "1 session is open in this channel, about stuck.",
        "list nothing-like-it": "1 session is open in this channel.\nNothing here is about nothing-like-it.",
        "list hanging": "1 session is open in this channel.\nNone of these needs attention.",
        "list --all": "2 sessions are known in this channel.",
        "list 1": "Session #1; list shows all open ones.",
        "list #2": "#2 stuck – running",
        "list 99": "No session #99 that you can see",
    }.items():
        await world.says(world.ann, words, expect=says)


async def test_a_synonym_of_stop_is_one_press_away(world: World) -> None:
    """A word that means stop does nothing by itself; its button stops exactly the sessions that were named."""
    await world.started()
    told = await world.says(world.ann, "kill 1 it hangs", expect="Did you mean /session stop 1 it hangs?")
    assert not world.platform.deliveries
    await world.presses(world.ann, told, "Stop #1", expect="Confirmed: #1")
    assert world.stop_of().reason == "it hangs"


async def test_in_a_thread_what_was_meant_is_a_mention(world: World) -> None:
    """Slash commands cannot be typed in a thread: what is suggested and said of usage there begins with the mention."""
    await world.started()
    told = await writes(world, world.ann, "halt", thread=world.card(), expect="Did you mean @session-bot stop?")
    assert "/session" not in told.text
    told2 = await writes(world, world.ann, "frobnicate", thread=world.card(), expect="frobnicate")
    assert told2.text.endswith("All commands: @session-bot help")
    await writes(world, world.ann, "status 1 2", thread=world.card(), expect="Usage: @session-bot status")
    assert not world.platform.deliveries
    await world.presses(world.ann, told, "Stop #1", expect="Confirmed: #1")
