"""Starts that wait for their card: one goes on once its card stands in the channel; where it cannot, nothing starts."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from bot.ports import CannotPost
from bot.process import Clock
from bot.slack.api import NOT_IN_CHANNEL
from bot.text import channel as mention
from bot.text import code
from storage import messages
from storage.message import Kind, Message
from storage.store import Store

CARD_WITHIN_S: Final = 60.0
"""The time for which a start waits for its card: a busy channel takes a post a second, thirty may start at once."""


class CardWaiters:
    """The starts that wait for cards. The messenger reports the fate of each card here."""

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
            await self._look_at_card(session_id)
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

    def is_waited_for(self, message: Message) -> bool:
        """Return whether a message is a card for which a start waits."""
        return message.kind is Kind.card and message.session in self._waiting

    def placed(self, session_id: int | None) -> None:
        """Resume the start of a session: its card stands."""
        self._resolve(session_id, None)

    def refused(self, message: Message, error: str) -> None:
        """Refuse the start that waits for a message, if one does, with the sentence for Slack's error code."""
        if message.kind is Kind.card:
            self._resolve(message.session, CannotPost(self._why(message.channel, error)))

    async def _look_at_card(self, session_id: int) -> None:
        """Resume or refuse at once where the card was posted, or refused, before."""
        card = await self._store.read(lambda db: messages.card_of(db, session_id))
        if card is not None and card.error is not None:
            self.refused(card, card.error)
        elif card is not None and card.ts is not None:
            self.placed(session_id)

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
