"""Every word with which Slack says no: what becomes of a card, of a stop's outcome and of an alarm."""

import asyncio
from typing import Any

import pytest

from bot.sandbox.slack import Error, Message, Person
from bot.slack.api import _error_codes as words
from bot.slack.api._error_codes import NOT_IN_CHANNEL, CodeMeaning, known
from storage import alarms, commands, messages, sessions
from storage.records import NewCommand, State
from tests.slack.conftest import Desk, OpenDesk

FINAL = ["cant_update_message", "edit_window_closed", "as_user_not_supported", "a_word_of_next_year"]
WAIT = CodeMeaning.limited, CodeMeaning.crowded, CodeMeaning.passing, CodeMeaning.locked


async def refused(desk: Desk, word: str, *, times: int = 1_000) -> int:
    """Have a session whose card, stop's outcome and alarm its channel refuses with this word, so many times each."""
    ann, bob = desk.slack.person("ann"), desk.slack.person("bob")
    session_id = await desk.session(starter=ann.id)
    desk.messenger.nudge()
    await desk.nothing_due()
    for method in ("chat.update", "chat.postMessage"):
        desk.slack.faults.add(method, Error(word), times, channel=desk.channel.id)
    before, now = len(desk.slack.calls), desk.clock.now()
    new = NewCommand(
        key=word, verb="stop", actor=bob.id, team=desk.slack.team_id, channel=desk.channel.id, via="slash",
        digest=word, owner="run-1", at=now,
    )  # fmt: skip

    def job(db: Any) -> None:
        command = commands.admit(db, new, window=None).command.id
        outcome, alarm = {"text": f"outcome {word}"}, {"text": f"alarm {word}"}
        messages.add_reply(db, session_id, desk.channel.id, outcome, command=command, now=now)
        called = messages.add_reply(db, session_id, desk.channel.id, alarm, command=None, now=now)
        alarms.add(db, desk.channel.id, session_id, called.id, now=now)
        sessions.move(db, session_id, State.ended, by="history", event=f"Over: {word}", now=now)

    await desk.store.write(job)
    desk.messenger.nudge()

    def heard() -> bool:
        """Return whether the channel was asked to take all three."""
        asked = [call for call in desk.slack.calls[before:] if call.arguments.get("channel") == desk.channel.id]
        texts = {str(call.arguments["text"]) for call in asked if call.method == "chat.postMessage"}
        return texts >= {f"outcome {word}", f"alarm {word}"} and any(call.method == "chat.update" for call in asked)

    await desk.slack.until(heard, f"{word} to be heard")
    desk.slack.faults.clear()
    desk.clock.jump(400)
    desk.messenger.nudge()
    return session_id


def card(desk: Desk, session_id: int) -> Message | None:
    """Return a session's card, as Slack shows it."""
    return next((each for each in desk.channel.messages if f" #{session_id} " in each.text[:20]), None)


def below(desk: Desk, session_id: int) -> list[str]:
    """Return what stands in a session's thread."""
    shown = card(desk, session_id)
    return [] if shown is None else [each.text for each in desk.channel.thread(shown)]


def directly(person: Person, word: str) -> list[str]:
    """Return the last lines of what the bot wrote to a person about this word."""
    lines = [each.text.splitlines()[-1] for each in person.dm.messages]
    return [each for each in lines if each.endswith(f" {word}")]


async def shows_the_end(desk: Desk, session_id: int, word: str) -> None:
    """Wait until the card tells of the end."""

    def tells() -> bool:
        shown = card(desk, session_id)
        return shown is not None and f"Over: {word}" in shown.text

    await desk.slack.until(tells, f"the card to show the end after {word}")


@pytest.mark.parametrize("means", WAIT)
async def test_words_that_pass_lose_nothing(open_desk: OpenDesk, means: CodeMeaning) -> None:
    """Where Slack only asks to wait, card, outcome and alarm come later, in their place, and nowhere else."""
    async with open_desk() as desk, desk.working():
        for word in sorted(known(means)):
            session_id = await refused(desk, word)
            await shows_the_end(desk, session_id, word)
            await desk.slack.until(lambda each=session_id: len(below(desk, each)) == 2, f"both replies after {word}")
            assert sorted(below(desk, session_id)) == [f"alarm {word}", f"outcome {word}"]
            assert not directly(desk.slack.person("ann"), word)


async def test_words_that_somebody_mends_are_told_directly_and_made_up_for(open_desk: OpenDesk) -> None:
    """What a channel does not take goes to starter and stopper at once, and into its thread when it can."""
    async with open_desk() as desk, desk.working():
        for word in sorted(known(CodeMeaning.mendable)):
            session_id = await refused(desk, word)
            await shows_the_end(desk, session_id, word)
            await desk.slack.until(lambda each=session_id: len(below(desk, each)) == 2, f"both replies after {word}")
            for person in (desk.slack.person("ann"), desk.slack.person("bob")):
                await desk.slack.until(
                    lambda who=person, what=word: f"outcome {what}" in directly(who, what), f"{word}: {person.name}"
                )
            assert f"alarm {word}" in directly(desk.slack.person("ann"), word)


async def test_final_words_lose_no_truth(open_desk: OpenDesk) -> None:
    """What Slack never takes goes to its people, once; the card is tried again, and tells of the end."""
    async with open_desk() as desk, desk.working():
        for word in FINAL:
            assert words.code_meaning(word) is CodeMeaning.final
            session_id = await refused(desk, word)
            await shows_the_end(desk, session_id, word)
            await desk.slack.until(
                lambda what=word: directly(desk.slack.person("bob"), what) == [f"outcome {what}"], f"{word}: bob"
            )
            await desk.slack.until(lambda what=word: len(directly(desk.slack.person("ann"), what)) == 2, f"{word}: ann")
            assert below(desk, session_id) == []


async def test_what_slack_cannot_read_is_said_as_bare_text(open_desk: OpenDesk) -> None:
    """Where Slack refuses how something is painted, the same words come without blocks, in their place."""
    async with open_desk() as desk, desk.working():
        for word in sorted(known(CodeMeaning.unreadable)):
            session_id = await refused(desk, word, times=1)
            await shows_the_end(desk, session_id, word)
            await desk.slack.until(lambda each=session_id: len(below(desk, each)) == 2, f"both replies after {word}")
            assert not directly(desk.slack.person("ann"), word)


async def test_what_was_deleted_comes_back(open_desk: OpenDesk) -> None:
    """A card that is gone is posted anew, also for what is to stand under it, and nothing of it comes directly."""
    async with open_desk() as desk, desk.working():
        assert known(CodeMeaning.deleted) == {"message_not_found", "thread_not_found"}
        session_id = await desk.session(starter=desk.slack.person("ann").id)
        desk.messenger.nudge()
        await desk.nothing_due()
        desk.slack.workspace.remove_message(desk.channel.messages[0])
        await desk.replies(session_id, "outcome thread_not_found")
        await desk.slack.until(lambda: below(desk, session_id) == ["outcome thread_not_found"], "the thread")
        desk.slack.workspace.remove_message(desk.channel.messages[0])
        await desk.notes(session_id, "Over: message_not_found")
        await shows_the_end(desk, session_id, "message_not_found")
        assert not desk.slack.person("ann").dm.messages


async def test_a_week_of_refusals_is_not_the_end_of_a_card(open_desk: OpenDesk) -> None:
    """A card that was refused for longer than anything is tried shows its end all the same, once it has one."""
    async with open_desk() as desk, desk.working():
        session_id = await desk.session()
        desk.messenger.nudge()
        await desk.nothing_due()
        desk.slack.faults.add("chat.update", Error("is_archived"), times=1_000)
        await desk.notes(session_id, "Something.")
        async with asyncio.timeout(30):
            while len(desk.calls("chat.update")) < 19:
                desk.clock.jump(100_000)
                desk.messenger.nudge()
                await asyncio.sleep(0.005)
        desk.slack.faults.clear()
        now = desk.clock.now()
        await desk.store.write(
            lambda db: sessions.move(db, session_id, State.ended, by="history", event="Over: at last", now=now)
        )
        desk.clock.jump(100_000)
        desk.messenger.nudge()
        await shows_the_end(desk, session_id, "at last")


async def test_a_channel_that_takes_something_again_takes_the_rest_at_once(open_desk: OpenDesk) -> None:
    """What rests because its channel refused it is tried when the channel takes anything else."""
    async with open_desk() as desk, desk.working():
        session_id = await desk.session()
        desk.messenger.nudge()
        await desk.nothing_due()
        desk.channel.archived = True
        await desk.notes(session_id, "Over: is_archived")
        await desk.slack.until(lambda: desk.calls("chat.update"), "the refusal")
        desk.channel.archived = False
        await desk.session()
        desk.messenger.nudge()
        await shows_the_end(desk, session_id, "is_archived")


def test_each_word_means_one_thing() -> None:
    """No word stands under two meanings, and a word nobody knows is a final one."""
    listed = [word for each in CodeMeaning for word in known(each)]
    assert len(listed) == len(set(listed))
    assert known(CodeMeaning.mendable) >= NOT_IN_CHANNEL
