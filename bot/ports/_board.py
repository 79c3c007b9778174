"""The messenger of cards and replies, as verbs know it."""

from typing import Protocol

from storage.message import Message


class Board(Protocol):
    """The messenger's interface for verbs."""

    async def place_card(self, session_id: int) -> None:
        """Return once the card of this session is posted in its channel.

        Raises CannotPost with a sentence when Slack refuses it or does not accept it in time.
        """

    def nudge(self) -> None:
        """Wake the messenger: there is something new to show."""

    async def repaint(self, session_id: int) -> None:
        """Update this session's card and buttons, also if nothing seems to have changed on them."""

    def link(self, card: Message | None) -> str | None:
        """Return the address of a card's thread, or None while it has none."""
