"""The protocols of verbs towards people: cards, replies, responses, dialogs, files.

Imports nothing of Slack. A reply is a row in `messages`, written in the commit of its cause;
`Board.nudge` wakes the messenger.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from bot.ports._grammar import Intent
from storage.message import Message
from storage.records import Session


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A button under a response: pressing it runs `intent` for the person, once.

    `again` passes the double-press window; `confirmed` means that the person has seen its effect;
    `question` is asked in a dialog first. With `editor`, the button opens the editor for that session instead,
    filled with `draft`. After `good_for` it only runs `redraw`, which shows its present effect.
    """

    label: str
    intent: Intent
    again: bool = False
    confirmed: bool = False
    danger: bool = False
    question: str | None = None
    editor: int | None = None
    draft: str | None = None
    good_for: timedelta | None = None
    redraw: Intent | None = None


@dataclass(frozen=True, kw_only=True)
class Response:
    """A text that only its person sees, with buttons under it and a list in it."""

    text: str
    offers: tuple[Offer, ...] = ()
    rows: tuple["Row", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line about one session in a list, with a Stop button where it can be stopped; `about` is that session."""

    text: str
    stoppable: Session | None = None
    about: Session | None = None


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


class Dialog(Protocol):
    """A form on the person's screen: opened at once, filled when its contents are known.

    Slack gives three seconds to open it, which looking things up may need.
    """

    def begin(self, title: str) -> None:
        """Open it, still empty."""

    async def editor(self, session: Session, presets: Mapping[str, str]) -> None:
        """Fill it with the editor of a send to a session; raises CannotShow."""

    async def start_form(self) -> None:
        """Fill it with the form that starts a session; raises CannotShow."""

    async def refuse(self, sentence: str) -> None:
        """Show in it why it cannot be filled; never raises."""


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


Respond = Callable[[Response], Awaitable[None]]
"""Sends a response to the person who asked; never raises: one that cannot be delivered is logged."""
