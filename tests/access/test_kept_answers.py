"""Slack's answers over a restart of the bot: used at their age, and asked for again where that is not known."""

from datetime import timedelta

import pytest

from bot.access import SlackDirectory, keep_answers
from bot.access._directory import FRESH
from bot.process import Tasks
from storage import slack_answers
from storage.slack_answers import About
from storage.store import Store
from tests.access.switchboard import Switchboard
from tests.manual_clock import ManualClock


async def begun(store: Store, clock: ManualClock) -> tuple[SlackDirectory, Switchboard, Tasks]:
    """Return the directory of a process that has just begun."""
    slack, tasks = Switchboard(), Tasks()
    directory = SlackDirectory(slack, clock)
    await keep_answers(directory, store, tasks, clock)
    return directory, slack, tasks


async def asked(directory: SlackDirectory) -> None:
    """Ask about one of each kind."""
    await directory.people.get("U1")
    await directory.channels.get("C1")
    await directory.groups.get("S1")


async def test_a_new_process_goes_on_with_the_answers_of_the_one_before(store: Store) -> None:
    """It asks for no person or channel that was asked about lately, for a group, and later for all."""
    clock = ManualClock()
    directory, _, tasks = await begun(store, clock)
    await asked(directory)
    await tasks.idle()
    clock.let_pass(FRESH - timedelta(seconds=1))
    directory, slack, _ = await begun(store, clock)
    assert directory.groups.last("S1") == frozenset({"U1"})
    await asked(directory)
    assert slack.asked == ["S1"]
    clock.let_pass(timedelta(seconds=1))
    await asked(directory)
    assert slack.asked == ["S1", "U1", "C1"]


@pytest.mark.parametrize("answer", ['{"teams": ["T1"]}', '{"full": true}', "[]", "7", '{"private": true, "new": 1}'])
async def test_an_answer_of_another_version_is_asked_for_again(store: Store, answer: str) -> None:
    """A form that this version does not read keeps the bot from nothing."""
    directory, _, tasks = await begun(store, ManualClock())
    await asked(directory)
    await tasks.idle()
    await store.write(lambda db: db.execute("update slack_answers set answer = ?", [answer]))
    directory, slack, _ = await begun(store, ManualClock())
    await asked(directory)
    assert slack.asked == ["U1", "C1", "S1"]
    assert await store.read(lambda db: len(slack_answers.newest(db, About.person, limit=9))) == 1
