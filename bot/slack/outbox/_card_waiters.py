"""Starts that wait for their card: one goes on once its card stands in the channel; where it cannot, nothing starts.

What became of a card stands in its row, whichever process posts it: the messenger of this process reports it at once,
and the cards of another's are looked at when that has committed something.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from bot.ports import CannotPost
from bot.process import Clock
from bot.slack.api import NOT_IN_CHANNEL
from bot.text import TERMINAL, code
from bot.text import channel as mention
from storage import Connection, messages, sessions
from storage.message import Kind, Message
from storage.records import State
from storage.store import Store

CARD_WITHIN_S: Final = 60.0
"""The time for which a start waits for its card: a busy channel takes a post a second, thirty may start at once."""


class CardWaiters:
    """The starts of this process that wait for cards."""

    def __init__(self, store: Store, clock: Clock, bot_name: str) -> None:
        self._store = store
        self._clock = clock
        self._bot_name = bot_name
        self._waiting: defaultdict[int, list[asyncio.Future[None]]] = defaultdict(list)

    async def wait(self, session_id: int, nudge: Callable[[], None]) -> None:
        """Wait until the card of a session stands in its channel; raise CannotPost with a sentence."""
        placed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[session_id].append(placed)
        late = asyncio.create_task(self._clock.sleep(CARD_WITHIN_S))
        try:
            await self._look_at({session_id})
            nudge()
            await asyncio.wait({placed, late}, return_when=asyncio.FIRST_COMPLETED)
            if not placed.done():
                msg = "Slack did not take the session's card in time, so nothing was started. Try again soon."
                raise CannotPost(msg)
            placed.result()
        finally:
            late.cancel()
            placed.cancel()
            self._waiting[session_id].remove(placed)
            if not self._waiting[session_id]:
                del self._waiting[session_id]

    async def look(self) -> None:
        """Look at the cards that are waited for: another process may have posted them."""
        if self._waiting:
            await self._look_at(set(self._waiting))

    def placed(self, session_id: int | None) -> None:
        """Resume the start of a session: its card stands."""
        self._resolve(session_id, None)

    def refused(self, message: Message, error: str) -> None:
        """Refuse the start that waits for a message, if one does, with the sentence for Slack's error code."""
        if message.kind is Kind.card:
            self._resolve(message.session, CannotPost(self._why(message.channel, error)))

    async def _look_at(self, session_ids: set[int]) -> None:
        """Resume or refuse the starts whose cards were posted, or refused, before."""

        def read(db: Connection) -> list[Message | None]:
            return [messages.card_of(db, each) for each in sorted(session_ids)]

        for card in await self._store.read(read):
            if card is not None and card.error is not None:
                self.refused(card, card.error)
            elif card is not None and card.ts is not None:
                self.placed(card.session)

    def _resolve(self, session_id: int | None, problem: CannotPost | None) -> None:
        for placed in self._waiting.get(session_id or 0, []):
            if placed.done():
                continue
            if problem is None:
                placed.set_result(None)
            else:
                placed.set_exception(problem)

    def _why(self, channel: str, error: str) -> str:
        if error in NOT_IN_CHANNEL:
            invite = code(f"/invite @{self._bot_name}")
            return f"The bot is not in {mention(channel)}, so nothing was started. Type {invite} first."
        if error == "is_archived":
            return f"{mention(channel)} is archived, so nothing was started."
        return f"Slack does not let the bot post in {mention(channel)} ({error}), so nothing was started."


def is_waited_for(db: Connection, message: Message) -> bool:
    """Return whether a message is a card for which a start waits, in any process; a terminal waits for none."""
    if message.kind is not Kind.card or message.session is None or message.ts is not None:
        return False
    session = sessions.get(db, message.session)
    return session is not None and session.state is State.starting and not session.starter.startswith(TERMINAL)
