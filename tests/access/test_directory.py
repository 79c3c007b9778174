"""People, channels and groups as Slack tells them, remembered."""

import asyncio
from datetime import timedelta

import pytest

from bot.access._directory import FRESH, KEPT, USABLE, SlackDirectory, SlackUnavailable
from tests.access.switchboard import Switchboard
from tests.manual_clock import ManualClock


async def test_one_question_serves_all_who_ask_at_once() -> None:
    """A hundred commands of one person at the same moment cost one question: Slack counts them."""
    slack, clock = Switchboard(), ManualClock()
    directory = SlackDirectory(slack, clock)
    slack.hold.clear()
    asking = [asyncio.create_task(directory.people.get("U1")) for _ in range(100)]
    await asyncio.wait(asking, timeout=0)
    slack.hold.set()
    assert {each.id for each in await asyncio.gather(*asking)} == {"U1"}
    assert slack.asked == ["U1"]


async def test_who_loses_patience_does_not_spoil_it_for_the_others() -> None:
    """A question goes on when one who asked goes, and its answer is there for the next."""
    slack, clock = Switchboard(), ManualClock()
    directory = SlackDirectory(slack, clock)
    slack.hold.clear()
    patient = asyncio.create_task(directory.people.get("U1"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await directory.people.get("U1")
    slack.hold.set()
    assert (await patient).full
    assert (await directory.people.get("U1")).full
    assert slack.asked == ["U1"]


async def test_a_good_answer_serves_longer_while_slack_is_silent() -> None:
    """Fresh answers are not asked for again; a usable one helps out; an old one does not."""
    slack, clock = Switchboard(), ManualClock()
    directory = SlackDirectory(slack, clock)
    await directory.channels.get("C1")
    clock.let_pass(FRESH - timedelta(seconds=1))
    await directory.channels.get("C1")
    assert slack.asked == ["C1"]
    slack.silent = True
    clock.let_pass(USABLE - FRESH)
    assert not (await directory.channels.get("C1")).shared
    assert slack.asked == ["C1", "C1"]
    clock.let_pass(timedelta(seconds=1))
    with pytest.raises(SlackUnavailable):
        await directory.channels.get("C1")


async def test_the_last_known_members_of_a_group_are_never_forgotten() -> None:
    """However old, who was in a group is known for stops; of a group never told about, nobody is."""
    slack, clock = Switchboard(), ManualClock()
    directory = SlackDirectory(slack, clock)
    assert directory.groups.last("S1") is None
    await directory.groups.get("S1")
    clock.let_pass(timedelta(days=3))
    assert directory.groups.last("S1") == {"U1"}


async def test_of_very_many_people_the_longest_unasked_is_asked_again() -> None:
    """No more answers are kept than the bound says; a group that changed and was never asked about leaves nothing."""
    slack, clock = Switchboard(), ManualClock()
    people = SlackDirectory(slack, clock).people
    for number in range(KEPT + 1):
        await people.get(f"U{number}")
    assert (people.last("U0"), people.last("U1") is None) == (None, False)
    people.invalidate("U-never-asked")
    assert not people._outdated
