"""The messenger, on a real database and a Slack that counts: order, pace, and nothing lost or posted twice."""

import asyncio
import contextlib
import sqlite3

import pytest

from bot.ports._errors import CannotPost
from bot.sandbox.slack import Error
from storage import messages
from storage.records import State
from tests.slack.conftest import OpenHarness


def subject(text: str) -> str:
    """Return the number of a card's session, which stands behind a sign; of any other text the first word."""
    words = text.split()
    return next((each for each in words[:2] if each.startswith("#")), words[0])


async def test_replies_go_before_new_cards_and_these_in_the_order_of_their_starts(open_harness: OpenHarness) -> None:
    """In one channel a reply is posted before any card, running cards before those that are over, oldest first."""
    async with open_harness() as harness:
        first = await harness.session()
        async with harness.working():
            await harness.nothing_due()
        over, second, third = [await harness.session(state) for state in (State.ended, State.running, State.running)]
        await harness.replies(first, "an outcome")
        async with harness.working():
            await harness.nothing_due()
        texts = [subject(each["text"]) for each in harness.calls("chat.postMessage")]
        assert texts == [f"#{first}", "an", f"#{second}", f"#{third}", f"#{over}"]


async def test_a_flood_in_one_session_holds_up_nobody_else(open_harness: OpenHarness) -> None:
    """Alarms go first, then the card that a start waits for; then each session gets its share, in its own order."""
    async with open_harness(rate_limits=True) as harness:
        flooded, stuck, calm = [await harness.session() for _ in range(3)]
        async with harness.working():
            await harness.nothing_due()
        before = len(harness.calls("chat.postMessage"))
        for number in range(20):
            await harness.replies(flooded, f"flood {number}")
        for number in range(3):
            await harness.replies(calm, f"calm {number}")
        new = await harness.session(State.starting)
        await harness.alarms(stuck, "Stop not confirmed")
        async with harness.working():
            await harness.nothing_due()
        texts = [each["text"] for each in harness.calls("chat.postMessage")[before:]]
        assert texts[0] == "Stop not confirmed"
        assert subject(texts[1]) == f"#{new}"
        assert texts.index("calm 2") < texts.index("flood 4")
        replies = [each for each in texts if each.startswith(("flood", "calm"))]
        assert [each for each in replies if "flood" in each] == [f"flood {number}" for number in range(20)]
        assert [each for each in replies if "calm" in each] == [f"calm {number}" for number in range(3)]


async def test_an_alarm_brings_its_card_first(open_harness: OpenHarness) -> None:
    """A new card for which nobody waits goes first when an alarm waits under it."""
    async with open_harness() as harness:
        first = await harness.session()
        async with harness.working():
            await harness.nothing_due()
        waited_for, called = await harness.session(State.starting), await harness.session()
        await harness.replies(first, "an outcome")
        await harness.alarms(called, "Stop not confirmed")
        async with harness.working():
            await harness.nothing_due()
        texts = [subject(each["text"]) for each in harness.calls("chat.postMessage")[1:]]
        assert texts[:2] == [f"#{called}", f"#{waited_for}"]
        assert sorted(texts[2:]) == ["Stop", "an"]


async def test_thirty_starts_in_one_channel_get_their_cards_in_order(open_harness: OpenHarness) -> None:
    """With Slack's limits enforced, thirty that start together find their cards in the channel, each once, in order."""
    async with open_harness(rate_limits=True) as harness:
        ids = [await harness.session(State.starting) for _ in range(30)]
        async with harness.working():
            await harness.nothing_due()
        texts = [subject(each.text) for each in harness.channel.messages]
        assert texts == [f"#{each}" for each in ids]


async def test_the_pace_that_slack_asks_for_is_kept_and_nothing_is_lost(open_harness: OpenHarness) -> None:
    """With Slack's limits enforced, every card and every reply arrives, each once, and shows its last version."""
    async with open_harness(rate_limits=True) as harness:
        ids = [await harness.session() for _ in range(55)]
        async with harness.working():
            await harness.nothing_due()
        for step in ("one", "two", "three"):
            for session_id in ids:
                await harness.notes(session_id, f"Step {step}.")
        await harness.replies(ids[0], "an outcome")
        async with harness.working():
            await harness.nothing_due()
        assert len(harness.channel.messages) == len(ids)
        assert all("Step three." in card.text for card in harness.channel.messages)
        assert sum(card.edits for card in harness.channel.messages) == len(ids)
        first = next(card for card in harness.channel.messages if subject(card.text) == f"#{ids[0]}")
        (reply,) = harness.channel.thread(first)
        assert reply.text == "an outcome"


async def test_what_cannot_be_marked_as_posted_is_not_posted_again(
    open_harness: OpenHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that cannot be written after a post delays the mark, and does not repeat the message."""

    def failed_marks() -> int:
        return sum("cannot be read or marked as shown" in record.message for record in caplog.records)

    async with open_harness() as harness:
        await harness.session()
        with contextlib.closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            async with harness.working(), asyncio.timeout(30):
                while failed_marks() < 2:  # noqa: ASYNC110 - a log rings no bell
                    await asyncio.sleep(0.01)
                other.rollback()
                await harness.nothing_due()
        assert len(harness.calls("chat.postMessage")) == 1
        assert len(harness.channel.messages) == 1


@pytest.mark.parametrize("also_elsewhere", [True, False], ids=["posted elsewhere, too", "posted here alone"])
async def test_what_was_posted_when_the_lead_was_lost_is_settled(
    open_harness: OpenHarness, caplog: pytest.LogCaptureFixture, *, also_elsewhere: bool
) -> None:
    """A post that could not be marked before the lead was lost is marked later, or deleted if another posted it."""
    async with open_harness() as harness:
        await harness.session()
        with contextlib.closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            async with harness.working(), asyncio.timeout(30):
                while not any("marked as shown" in each.message for each in caplog.records):  # noqa: ASYNC110 - a log
                    await asyncio.sleep(0.01)
                harness.messenger.cease()
                finishing = asyncio.create_task(harness.messenger.finish())
                (posted,) = harness.channel.messages
                theirs = "the next leader's" if also_elsewhere else posted.ts
                other.execute("update messages set ts = ?, shown = wanted", [theirs if also_elsewhere else None])
                other.commit()
                await finishing
        ((recorded,),) = await harness.store.read(lambda db: db.execute("select ts from messages").fetchall())
        assert recorded == theirs
        assert len(harness.channel.messages) == (not also_elsewhere)
        assert len(harness.calls("chat.postMessage")) == 1


async def test_a_double_that_slack_does_not_delete_is_told(
    open_harness: OpenHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """Where Slack refuses to delete a double, the log says which message stands twice, and the row stays as it is."""
    async with open_harness() as harness:
        session = await harness.session()
        harness.slack.faults.add("chat.delete", Error("cant_delete_message"))
        with contextlib.closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            async with harness.working(), asyncio.timeout(30):
                while not any("marked as shown" in each.message for each in caplog.records):  # noqa: ASYNC110 - a log
                    await asyncio.sleep(0.01)
                harness.messenger.cease()
                finishing = asyncio.create_task(harness.messenger.finish())
                other.execute("update messages set ts = '1.0', shown = wanted where session = ?", [session])
                other.commit()
                await finishing
        assert "stands twice: another process posted it, too, and Slack: cant_delete_message" in caplog.text
        assert len(harness.channel.messages) == 1


async def test_a_file_that_cannot_be_marked_as_shared_is_not_shared_again(
    open_harness: OpenHarness, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that cannot be written after a file was shared delays the mark, and does not repeat the file."""

    def failed_marks() -> int:
        return sum("cannot be read or marked as shown" in record.message for record in caplog.records)

    async with open_harness() as harness:
        now = harness.clock.now()
        summary = await harness.store.write(
            lambda db: messages.add_summary(db, harness.channel.id, {"text": "a summary"}, command=None, now=now)
        )
        async with harness.working():
            await harness.nothing_due()
        body = {"text": "the list:", "file": {"name": "list.csv", "content": "a,b\n"}, "instead": "a,b"}
        await harness.store.write(lambda db: messages.add_under(db, summary, body, now=now))
        with contextlib.closing(sqlite3.connect(harness.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            async with harness.working(), asyncio.timeout(10):
                while failed_marks() < 2:  # noqa: ASYNC110 - a log rings no bell
                    await asyncio.sleep(0.01)
                other.rollback()
                await harness.nothing_due()
        assert len(harness.calls("files.completeUploadExternal")) == 1
        (shared,) = harness.channel.thread(harness.channel.messages[0])
        assert [file.content for file in shared.files] == [b"a,b\n"]


async def test_a_revoked_token_starts_nothing_and_loses_nothing(open_harness: OpenHarness) -> None:
    """While Slack does not accept the token a card is refused to who waits for it, and shown once it is accepted."""
    async with open_harness() as harness:
        session_id = await harness.session(State.starting)
        harness.slack.faults.add("chat.postMessage", Error("token_revoked"))
        async with harness.working():
            with pytest.raises(CannotPost, match="token_revoked"):
                await harness.board.place_card(session_id)
            await harness.nothing_due()
        assert len(harness.channel.messages) == 1


async def test_who_waits_for_a_card_learns_what_became_of_it_before(open_harness: OpenHarness) -> None:
    """A card that was posted, or refused, before anybody waited for it is answered at once."""
    async with open_harness() as harness, harness.working():
        posted = await harness.session(State.starting)
        harness.messenger.nudge()
        await harness.nothing_due()
        await harness.board.place_card(posted)
        harness.channel.archived = True
        refused = await harness.session(State.starting)
        harness.messenger.nudge()
        await harness.nothing_due()
        with pytest.raises(CannotPost, match="archived"):
            await harness.board.place_card(refused)


async def test_a_card_that_came_back_goes_on_following_its_session(open_harness: OpenHarness) -> None:
    """After a deleted card was posted anew, the very next change is shown on it."""
    async with open_harness() as harness, harness.working():
        session_id = await harness.session()
        harness.messenger.nudge()
        await harness.nothing_due()
        harness.slack.workspace.remove_message(harness.channel.messages[0])
        for step in range(1, 4):
            await harness.notes(session_id, f"Step {step}.")
            await harness.nothing_due()
            assert f"Step {step}." in harness.channel.messages[0].text
        assert len(harness.channel.messages) == 1
