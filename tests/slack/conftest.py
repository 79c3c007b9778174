"""The fixtures of the tests of bot.slack: a messenger on a real database, and a Slack that counts."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.process._tasks import cancel_and_wait, repeat_forever
from bot.sandbox.slack import Channel, LocalSlack, SlackOptions
from bot.slack.api._connection import web_client
from bot.slack.outbox._board import SlackBoard
from bot.slack.outbox._messenger import Messenger
from bot.slack.outbox._uploads import Uploads
from storage import alarms, messages, outbox, sessions
from storage.message import Message
from storage.records import Session, State
from storage.store import Store
from tests.factories import new_session
from tests.quick_clock import QuickClock

TIMES = 50


@dataclass
class Harness:
    """A messenger with what it needs; it works while inside `working`."""

    slack: LocalSlack
    store: Store
    board: SlackBoard
    messenger: Messenger
    channel: Channel
    clock: QuickClock
    database: Path

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the messenger."""
        loop = asyncio.create_task(repeat_forever(self.messenger.step, self.clock))
        try:
            yield
        finally:
            await cancel_and_wait(loop)
            await self.messenger.flush(0.1)

    async def session(self, state: State = State.running, **values: Any) -> int:
        """Record a session in a state, with its card wanted."""
        now = self.clock.now()
        new = new_session(team=self.slack.team_id, channel=self.channel.id, **values)

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
        """Change a session."""
        now = self.clock.now()

        def job(db: Any) -> Session | None:
            return sessions.note(db, session_id, now=now, by="U1", event=event)

        await self.store.write(job)
        self.messenger.nudge()

    async def replies(self, session_id: int, text: str) -> None:
        """Record a reply under a session's card."""
        now = self.clock.now()

        def job(db: Any) -> Message:
            return messages.add_reply(db, session_id, self.channel.id, {"text": text}, command=None, now=now)

        await self.store.write(job)
        self.messenger.nudge()

    async def alarms(self, session_id: int, text: str) -> None:
        """Record an alarm."""
        now = self.clock.now()

        def job(db: Any) -> None:
            reply = messages.add_reply(db, session_id, self.channel.id, {"text": text}, command=None, now=now)
            alarms.add(db, self.channel.id, session_id, reply.id, now=now)

        await self.store.write(job)
        self.messenger.nudge()

    async def nothing_due(self) -> None:
        """Wait until everything is shown and marked so."""
        async with asyncio.timeout(30):
            while await self.store.read(outbox.count_due):  # noqa: ASYNC110 - a database rings no bell
                await asyncio.sleep(0.01)

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Return the arguments of each call of a method."""
        return [call.arguments for call in self.slack.calls if call.method == method]


OpenHarness = Callable[..., "contextlib.AbstractAsyncContextManager[Harness]"]


@pytest.fixture
def open_harness(tmp_path: Path) -> OpenHarness:
    """Return a maker of desks."""

    @contextlib.asynccontextmanager
    async def opened(*, rate_limits: bool = False) -> AsyncIterator[Harness]:
        clock, path = QuickClock(TIMES), tmp_path / "session-bot.db"
        async with (
            LocalSlack(SlackOptions(rate_limits=rate_limits, clock=clock.now)) as slack,
            aiohttp.ClientSession() as http,
        ):
            store = Store(path)
            await store.open()
            client = web_client(slack.bot_token, slack.api_url, http)
            board = SlackBoard(store, clock, workspace_url="https://local.slack.com/", bot_name="bot")
            messenger = Messenger(client, Uploads(client, http), store, clock, board.waiters)
            board.send_by(messenger)
            try:
                yield Harness(slack, store, board, messenger, slack.channel("ops"), clock, path)
            finally:
                await store.close()

    return opened
