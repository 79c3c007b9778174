"""The board on Slack: what verbs want to be shown is a row; the messenger of the process that leads sends it.

A process that does not lead has no messenger: its commits wake the one of the leader.
"""

from collections.abc import Collection
from typing import Protocol

from bot.process import Clock
from bot.slack.outbox._card_waiters import CardWaiters
from storage import messages
from storage.message import Message
from storage.store import Store


class Sender(Protocol):
    """The messenger, as its board knows it."""

    def nudge(self) -> None:
        """Wake it: there is something new to show."""

    def show_again(self, message_ids: Collection[int]) -> None:
        """Send these once more, also if nothing seems to have changed on them."""


class SlackBoard:
    """The Board, on Slack. `waiters` are the starts of this process that wait for their cards."""

    def __init__(self, store: Store, clock: Clock, *, workspace_url: str, bot_name: str) -> None:
        self._store = store
        self._workspace_url = workspace_url
        self._sender: Sender | None = None
        self.waiters = CardWaiters(store, clock, bot_name)

    def send_by(self, sender: Sender | None) -> None:
        """Have a messenger of this process send what is due; None: the one of the leader does it."""
        self._sender = sender

    def nudge(self) -> None:
        """Wake the messenger: there is something new to show."""
        if self._sender is not None:
            self._sender.nudge()

    def link(self, card: Message | None) -> str | None:
        """Return the address of a card's thread, or None while it has none."""
        if card is None or card.ts is None:
            return None
        return f"{self._workspace_url.rstrip('/')}/archives/{card.channel}/p{card.ts.replace('.', '')}"

    async def repaint(self, session_id: int) -> None:
        """Update a card, and replies with its buttons; one that is being sent is sent once more."""
        shown = await self._store.write(lambda db: messages.repaint(db, session_id))
        if self._sender is not None:
            self._sender.show_again(shown)
        self.nudge()

    async def place_card(self, session_id: int) -> None:
        """Return once the card of this session is posted; raises CannotPost with a sentence."""
        await self.waiters.wait(session_id, self.nudge)
