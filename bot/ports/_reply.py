"""Replies in a session's thread: texts and files.

A reply is a row in `messages`, written in the commit of its cause; `Board.nudge` wakes the messenger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from storage.records import Session


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A reply in a session's thread: neutral text; `broadcast` shows it in the channel as well.

    With `buttons` it carries those of its session, which follow the session's record like the card's. One that
    `shares` may be written below an earlier one, when many come at once.
    """

    text: str
    broadcast: bool = False
    buttons: bool = False
    shares: bool = False

    def body(self) -> Mapping[str, Any]:
        """Return the stored form."""
        shown = {"text": self.text, "broadcast": self.broadcast, "buttons": self.buttons}
        return shown | {"shares": True} if self.shares else shown


@dataclass(frozen=True, kw_only=True)
class FileReply:
    """A file for a session's thread: its bytes, and a line of neutral text above it."""

    session: Session
    name: str
    content: bytes = field(repr=False)
    text: str


class Files(Protocol):
    """Shares files in threads; at a terminal, with the person at it."""

    async def share(self, file: FileReply) -> str:
        """Share one file, once; return where, as `is in its thread`. Raises CannotShare with a sentence."""
