"""Every word with which Slack says no: what becomes of a card, of a stop's outcome and of an alarm."""

import asyncio
from typing import Any

import pytest

from bot.sandbox.slack import Error, Message, Person
from bot.slack.api import _error_codes as words
from bot.slack.api._error_codes import NOT_IN_CHANNEL, CodeMeaning, known
from storage import alarms, commands, messages, sessions
from storage.command import NewCommand
from storage.records import State
from tests.slack.conftest import Harness, OpenHarness

FINAL = ["cant_update_message", "edit_window_closed", "as_user_not_supported", "a_word_of_next_year"]
WAIT = CodeMeaning.limited, CodeMeaning.crowded, CodeMeaning.passing, CodeMeaning.locked


async def refused(harness: Harness, word: str, *, times: int = 1_000) -> int:
    """Have a session whose card, stop's outcome and alarm its channel refuses with this word, so many times each."""
    ann, bob = harness.slack.person("ann"), harness.slack.person("bob")
    session_id = await harness.session(starter=ann.id)
    harness.messenger.nudge()
    await harness.nothing_due()
    for method in ("chat.update", "chat.postMessage"):
        harness.slack.faults.add(method, Error(word), times, channel=harness.channel.id)
    before, now = len(harness.slack.calls), harness.clock.now()
    new = NewCommand(
        key=word, verb="stop", actor=bob.id, team=harness.slack.team_id, channel=harness.channel.id, via="slash",
        digest=word, owner="run-1", at=now,
    )  # fmt: skip

    def job(db: Any) -> None:
        command = commands.admit(db, new, window=None).command.id
        outcome, alarm = {"text": f"outcome {word}"}, {"text": f"alarm {word}"}
        messages.add_reply(db, session_id, harness.channel.id, outcome, command=command, now=now)
        called = messages.add_reply(db, session_id, harness.channel.id, alarm, command=None, now=now)
        alarms.add(db, harness.channel.id, session_id, called.id, now=now)
        sessions.move(db, session_id, State.ended, by="history", event=f"Over: {word}", now=now)

    await harness.store.write(job)
    harness.messenger.nudge()

    def heard() -> bool:
        """Return whether the channel was asked to take all three."""
        asked = [call for call in harness.slack.calls[before:] if call.arguments.get("channel") == harness.channel.id]
        texts = {str(call.arguments["text"]) for call in asked if call.method == "chat.postMessage"}
        return texts >= {f"outcome {word}", f"alarm {word}"} and any(call.method == "chat.update" for call in asked)

    await harness.slack.until(heard, f"{word} to be heard")
    harness.slack.faults.clear()
    harness.clock.jump(400)
    harness.messenger.nudge()
    return session_id


def card(harness: Harness, session_id: int) -> Message | None:
    """Return a session's card, as Slack shows it."""
    return next((each for each in harness.channel.messages if f" #{session_id} " in each.text[:20]), None)


def below(harness: Harness, session_id: int) -> list[str]:
    """Return what stands in a session's thread."""
    shown = card(harness, session_id)
    return [] if shown is None else [each.text for each in harness.channel.thread(shown)]


def directly(person: Person, word: str) -> list[str]:
    """Return the last lines of what the bot wrote to a person about this word."""
    lines = [each.text.splitlines()[-1] for each in person.dm.messages]
    return [each for each in lines if each.endswith(f" {word}")]


async def shows_the_end(harness: Harness, session_id: int, word: str) -> None:
    """Wait until the card tells of the end."""

    def tells() -> bool:
        shown = card(harness, session_id)
        return shown is not None and f"Over: {word}" in shown.text

    await harness.slack.until(tells, f"the card to show the end after {word}")


@pytest.mark.parametrize("means", WAIT)
async def test_words_that_pass_lose_nothing(open_harness: OpenHarness, means: CodeMeaning) -> None:
    """Where Slack only asks to wait, card, outcome and alarm come later, in their place, and nowhere else."""
    async with open_harness() as harness, harness.working():
        for word in sorted(known(means)):
            session_id = await refused(harness, word, times=50)  # of those that it asks for one by one, all
            await shows_the_end(harness, session_id, word)
            await harness.slack.until(
                lambda each=session_id: len(below(harness, each)) == 2, f"both replies after {word}"
            )
            assert sorted(below(harness, session_id)) == [f"alarm {word}", f"outcome {word}"]
            assert not directly(harness.slack.person("ann"), word)


async def test_words_that_somebody_mends_are_told_directly_and_made_up_for(open_harness: OpenHarness) -> None:
    """What a channel does not take goes to starter and stopper at once, and into its thread when it can."""
    async with open_harness() as harness, harness.working():
        for word in sorted(known(CodeMeaning.mendable)):
            session_id = await refused(harness, word)
            await shows_the_end(harness, session_id, word)
            await harness.slack.until(
                lambda each=session_id: len(below(harness, each)) == 2, f"both replies after {word}"
            )
            for person in (harness.slack.person("ann"), harness.slack.person("bob")):
                await harness.slack.until(
                    lambda who=person, what=word: f"outcome {what}" in directly(who, what), f"{word}: {person.name}"
                )
            assert f"alarm {word}" in directly(harness.slack.person("ann"), word)


async def test_final_words_lose_no_truth(open_harness: OpenHarness) -> None:
    """What Slack never takes goes to its people, once; the card is tried again, and tells of the end."""
    async with open_harness() as harness, harness.working():
        for word in FINAL:
            assert words.code_meaning(word) is CodeMeaning.final
            session_id = await refused(harness, word)
            await shows_the_end(harness, session_id, word)
            await harness.slack.until(
                lambda what=word: directly(harness.slack.person("bob"), what) == [f"outcome {what}"], f"{word}: bob"
            )
            await harness.slack.until(
                lambda what=word: len(directly(harness.slack.person("ann"), what)) == 2, f"{word}: ann"
            )
            assert below(harness, session_id) == []


async def test_what_slack_cannot_read_is_said_as_bare_text(open_harness: OpenHarness) -> None:
    """Where Slack refuses how something is painted, the same words come without blocks, in their place."""
    async with open_harness() as harness, harness.working():
        for word in sorted(known(CodeMeaning.unreadable)):
            session_id = await refused(harness, word, times=1)
            await shows_the_end(harness, session_id, word)
            await harness.slack.until(
                lambda each=session_id: len(below(harness, each)) == 2, f"both replies after {word}"
            )
            assert not directly(harness.slack.person("ann"), word)


async def test_what_was_deleted_comes_back(open_harness: OpenHarness) -> None:
    """A card that is gone is posted anew, also for what is to stand under it, and nothing of it comes directly."""
    async with open_harness() as harness, harness.working():
        assert known(CodeMeaning.deleted) == {"message_not_found", "thread_not_found"}
        session_id = await harness.session(starter=harness.slack.person("ann").id)
        harness.messenger.nudge()
        await harness.nothing_due()
        harness.slack.workspace.remove_message(harness.channel.messages[0])
        await harness.replies(session_id, "outcome thread_not_found")
        await harness.slack.until(lambda: below(harness, session_id) == ["outcome thread_not_found"], "the thread")
        harness.slack.workspace.remove_message(harness.channel.messages[0])
        await harness.notes(session_id, "Over: message_not_found")
        await shows_the_end(harness, session_id, "message_not_found")
        assert not harness.slack.person("ann").dm.messages


async def test_a_week_of_refusals_is_not_the_end_of_a_card(open_harness: OpenHarness) -> None:
    """A card that was refused for longer than anything is tried shows its end all the same, once it has one."""
    async with open_harness() as harness, harness.working():
        session_id = await harness.session()
        harness.messenger.nudge()
        await harness.nothing_due()
        harness.slack.faults.add("chat.update", Error("is_archived"), times=1_000)
        await harness.notes(session_id, "Something.")
        async with asyncio.timeout(30):
            while len(harness.calls("chat.update")) < 19:
                harness.clock.jump(100_000)
                harness.messenger.nudge()
                await asyncio.sleep(0.005)
        harness.slack.faults.clear()
        now = harness.clock.now()
        await harness.store.write(
            lambda db: sessions.move(db, session_id, State.ended, by="history", event="Over: at last", now=now)
        )
        harness.clock.jump(100_000)
        harness.messenger.nudge()
        await shows_the_end(harness, session_id, "at last")


async def test_a_channel_that_takes_something_again_takes_the_rest_at_once(open_harness: OpenHarness) -> None:
    """What rests because its channel refused it is tried when the channel takes anything else."""
    async with open_harness() as harness, harness.working():
        session_id = await harness.session()
        harness.messenger.nudge()
        await harness.nothing_due()
        harness.channel.archived = True
        await harness.notes(session_id, "Over: is_archived")
        await harness.slack.until(lambda: harness.calls("chat.update"), "the refusal")
        harness.channel.archived = False
        await harness.session()
        harness.messenger.nudge()
        await shows_the_end(harness, session_id, "is_archived")


def test_each_word_means_one_thing() -> None:
    """No word stands under two meanings, and a word nobody knows is a final one."""
    listed = [word for each in CodeMeaning for word in known(each)]
    assert len(listed) == len(set(listed))
    assert known(CodeMeaning.mendable) >= NOT_IN_CHANNEL
