"""The messenger, on a real database and a Slack that counts: order, pace, and nothing lost or posted twice."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.clock import Clock
from bot.sandbox.slack import Channel, Error, LocalSlack, SlackOptions
from bot.slack.connection import web_client
from bot.slack.messenger import Messenger
from bot.slack.uploads import Uploads
from bot.tasks import ended, for_ever
from bot.verbs.errors import CannotPost
from storage import messages, sessions
from storage.records import Message, Session, State
from storage.store import Store
from tests.made import new_session

TIMES = 200


class QuickClock(Clock):
    """A clock that runs faster than the wall's."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._began_monotonic = super().monotonic()

    def now(self) -> datetime:
        """Tell the present moment."""
        return self._began + (datetime.now(UTC) - self._began) * TIMES

    def monotonic(self) -> float:
        """Tell seconds that never go back."""
        return self._began_monotonic + (super().monotonic() - self._began_monotonic) * TIMES

    async def sleep(self, seconds: float) -> None:
        """Wait so many of them."""
        await asyncio.sleep(seconds / TIMES)


@dataclass
class Desk:
    """A messenger with what it needs; it works while inside `working`."""

    slack: LocalSlack
    store: Store
    messenger: Messenger
    channel: Channel
    clock: Clock
    database: Path

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Let the messenger work."""
        loop = asyncio.create_task(for_ever(self.messenger.step, self.clock))
        try:
            yield
        finally:
            await ended(loop)
            await self.messenger.flush(0.1)

    async def session(self, state: State = State.running) -> int:
        """Record a session in a state, with its card wanted."""
        now = self.clock.now()
        new = new_session(team=self.slack.team_id, channel=self.channel.id)

        def job(db: Any) -> int:
            session = sessions.add(db, new, now=now)
            if state is not State.starting:
                sessions.move(db, session.id, State.running, by="U1", event="Started.", now=now)
            if state is State.ended:
                sessions.move(db, session.id, State.ended, by="history", event="Over.", now=now)
            messages.add_card(db, session.id, self.channel.id, now=now)
            return session.id

        return await self.store.write(job)

    async def notes(self, session_id: int, event: str) -> None:
        """Let something happen to a session."""
        now = self.clock.now()

        def job(db: Any) -> Session | None:
            return sessions.note(db, session_id, now=now, by="U1", event=event)

        await self.store.write(job)
        self.messenger.nudge()

    async def replies(self, session_id: int, text: str) -> None:
        """Want a reply under a session's card."""
        now = self.clock.now()

        def job(db: Any) -> Message:
            return messages.add_reply(db, session_id, self.channel.id, {"text": text}, command=None, now=now)

        await self.store.write(job)
        self.messenger.nudge()

    async def nothing_due(self) -> None:
        """Wait until everything is shown and marked so."""
        async with asyncio.timeout(30):
            while await self.store.read(messages.count_due):  # noqa: ASYNC110 - a database rings no bell
                await asyncio.sleep(0.01)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Give the arguments of each call of a method."""
        return [call.arguments for call in self.slack.calls if call.method == method]


OpenDesk = Callable[..., "contextlib.AbstractAsyncContextManager[Desk]"]


@pytest.fixture
def open_desk(tmp_path: Path) -> OpenDesk:
    """Give a maker of desks."""

    @contextlib.asynccontextmanager
    async def opened(*, rate_limits: bool = False) -> AsyncIterator[Desk]:
        clock, path = QuickClock(), tmp_path / "session-bot.db"
        async with (
            LocalSlack(SlackOptions(rate_limits=rate_limits, clock=clock.now)) as slack,
            aiohttp.ClientSession() as http,
        ):
            store = Store(path)
            await store.open()
            client = web_client(slack.bot_token, slack.api_url, http)
            messenger = Messenger(
                client, Uploads(client, http), store, clock, workspace_url="https://local.slack.com/", bot_name="bot"
            )
            try:
                yield Desk(slack, store, messenger, slack.channel("ops"), clock, path)
            finally:
                await store.close()

    return opened


async def test_replies_go_before_new_cards_and_these_in_the_order_of_their_starts(open_desk: OpenDesk) -> None:
    """In one channel a reply is posted before any card, running cards before those that are over, oldest first."""
    async with open_desk() as desk:
        first = await desk.session()
        async with desk.working():
            await desk.nothing_due()
        over, second, third = [await desk.session(state) for state in (State.ended, State.running, State.running)]
        await desk.replies(first, "an outcome")
        async with desk.working():
            await desk.nothing_due()
        texts = [each["text"].split()[0] for each in desk.calls("chat.postMessage")]
        assert texts == [f"#{first}", "an", f"#{second}", f"#{third}", f"#{over}"]


async def test_the_pace_that_slack_asks_for_is_kept_and_nothing_is_lost(open_desk: OpenDesk) -> None:
    """With Slack's limits enforced, every card and every reply arrives, each once, and shows its last version."""
    async with open_desk(rate_limits=True) as desk:
        ids = [await desk.session() for _ in range(55)]
        async with desk.working():
            await desk.nothing_due()
        for step in ("one", "two", "three"):
            for session_id in ids:
                await desk.notes(session_id, f"Step {step}.")
        await desk.replies(ids[0], "an outcome")
        async with desk.working():
            await desk.nothing_due()
        assert len(desk.channel.messages) == len(ids)
        assert all("Step three." in card.text for card in desk.channel.messages)
        assert sum(card.edits for card in desk.channel.messages) == len(ids)
        first = next(card for card in desk.channel.messages if card.text.startswith(f"#{ids[0]} "))
        (reply,) = desk.channel.thread(first)
        assert reply.text == "an outcome"


async def test_what_cannot_be_marked_as_posted_is_not_posted_again(
    open_desk: OpenDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that cannot be written after a post delays the mark, and does not repeat the message."""

    def failed_marks() -> int:
        return sum("cannot be read or marked as shown" in record.message for record in caplog.records)

    async with open_desk() as desk:
        await desk.session()
        with contextlib.closing(sqlite3.connect(desk.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            async with desk.working(), asyncio.timeout(30):
                while failed_marks() < 2:  # noqa: ASYNC110 - a log rings no bell
                    await asyncio.sleep(0.01)
                other.rollback()
                await desk.nothing_due()
        assert len(desk.calls("chat.postMessage")) == 1
        assert len(desk.channel.messages) == 1


async def test_a_file_that_cannot_be_marked_as_shared_is_not_shared_again(
    open_desk: OpenDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that cannot be written after a file was shared delays the mark, and does not repeat the file."""

    def failed_marks() -> int:
        return sum("cannot be read or marked as shown" in record.message for record in caplog.records)

    async with open_desk() as desk:
        now = desk.clock.now()
        summary = await desk.store.write(
            lambda db: messages.add_summary(db, desk.channel.id, {"text": "a summary"}, command=None, now=now)
        )
        async with desk.working():
            await desk.nothing_due()
        body = {"text": "the list:", "file": {"name": "list.csv", "content": "a,b\n"}, "instead": ["a,b"]}
        await desk.store.write(lambda db: messages.add_under(db, summary, body, now=now))
        with contextlib.closing(sqlite3.connect(desk.database, isolation_level=None)) as other:
            other.execute("begin immediate")
            async with desk.working(), asyncio.timeout(10):
                while failed_marks() < 2:  # noqa: ASYNC110 - a log rings no bell
                    await asyncio.sleep(0.01)
                other.rollback()
                await desk.nothing_due()
        assert len(desk.calls("files.completeUploadExternal")) == 1
        (shared,) = desk.channel.thread(desk.channel.messages[0])
        assert [file.content for file in shared.files] == [b"a,b\n"]


async def test_a_revoked_token_starts_nothing_and_loses_nothing(open_desk: OpenDesk) -> None:
    """While Slack does not accept the token a card is refused to who waits for it, and shown once it is accepted."""
    async with open_desk() as desk:
        session_id = await desk.session(State.starting)
        desk.slack.faults.add("chat.postMessage", Error("token_revoked"))
        async with desk.working():
            with pytest.raises(CannotPost, match="token_revoked"):
                await desk.messenger.place_card(session_id)
            await desk.nothing_due()
        assert len(desk.channel.messages) == 1


async def test_who_waits_for_a_card_learns_what_became_of_it_before(open_desk: OpenDesk) -> None:
    """A card that was posted, or refused, before anybody waited for it is answered at once."""
    async with open_desk() as desk, desk.working():
        posted = await desk.session(State.starting)
        desk.messenger.nudge()
        await desk.nothing_due()
        await desk.messenger.place_card(posted)
        desk.channel.archived = True
        refused = await desk.session(State.starting)
        desk.messenger.nudge()
        await desk.nothing_due()
        with pytest.raises(CannotPost, match="archived"):
            await desk.messenger.place_card(refused)


async def test_a_card_that_came_back_goes_on_following_its_session(open_desk: OpenDesk) -> None:
    """After a deleted card was posted anew, the very next change is shown on it."""
    async with open_desk() as desk, desk.working():
        session_id = await desk.session()
        desk.messenger.nudge()
        await desk.nothing_due()
        desk.slack.workspace.remove_message(desk.channel.messages[0])
        for step in range(1, 4):
            await desk.notes(session_id, f"Step {step}.")
            await desk.nothing_due()
            assert f"Step {step}." in desk.channel.messages[0].text
        assert len(desk.channel.messages) == 1
