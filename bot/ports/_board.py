"""What verbs need of the place where people read: a card, a thread under it, a line to the person.

Imports nothing of Slack. A reply is wanted by a row in `messages`, written in the commit of what it tells;
`Board.nudge` says that there is something new to show.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from storage.records import Message, Session


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A button under a line to the person: pressing it types `text` for them, once.

    `again` passes the double-press window; `confirmed` says that the person has seen what it will do;
    `question` is asked in a dialog first. With `editor`, the button opens the editor for that session instead,
    filled with `draft`. After `good_for` it does nothing but type `redraw`, which shows what it would do by now.
    """

    label: str
    text: str
    again: bool = False
    confirmed: bool = False
    danger: bool = False
    question: str | None = None
    editor: int | None = None
    draft: str | None = None
    good_for: timedelta | None = None
    redraw: str = ""


@dataclass(frozen=True, kw_only=True)
class Response:
    """A line that only the person who asked sees, with buttons under it and a list in it."""

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
    """A reply in a session's thread: mrkdwn text; `broadcast` shows it in the channel as well.

    With `buttons` it carries those of its session, which follow the session's record like the card's. One that
    `shares` may be written below an earlier one, when many come at once.
    """

    text: str
    broadcast: bool = False
    buttons: bool = False
    shares: bool = False

    def body(self) -> Mapping[str, Any]:
        """Give the form in which it is stored."""
        shown = {"text": self.text, "broadcast": self.broadcast, "buttons": self.buttons}
        return shown | {"shares": True} if self.shares else shown


class Board(Protocol):
    """The messenger, as verbs see it."""

    async def place_card(self, session_id: int) -> None:
        """Return once the card of this session stands in its channel.

        Raises CannotPost with a sentence when Slack refuses it or does not take it in time.
        """

    def nudge(self) -> None:
        """Say that there is something new to show."""

    async def repaint(self, session_id: int) -> None:
        """Show this session's card and buttons anew, also if nothing seems to have changed on them."""

    def link(self, card: Message | None) -> str | None:
        """Give the address of a card's thread, or None while it has none."""


class Dialog(Protocol):
    """A form on the screen of the person who asked: opened at once, filled when it is known with what.

    Slack gives three seconds to open it, which looking things up may need.
    """

    def begin(self, title: str) -> None:
        """Open it, still empty."""

    async def editor(self, session: Session, presets: Mapping[str, str]) -> None:
        """Make it the editor of what is sent to a session; raises CannotShow."""

    async def start_form(self) -> None:
        """Make it the form that starts a session; raises CannotShow."""

    async def refuse(self, sentence: str) -> None:
        """Say in it why it cannot be filled; never raises."""


@dataclass(frozen=True, kw_only=True)
class FileReply:
    """A file for a session's thread: its bytes, and a line of mrkdwn above it."""

    session: Session
    name: str
    content: bytes = field(repr=False)
    text: str


class Files(Protocol):
    """Puts files into threads; at a terminal, before the person who asked."""

    async def share(self, file: FileReply) -> str:
        """Share one file, once; say what became of it, as `is in its thread`. Raises CannotShare with a sentence."""


Respond = Callable[[Response], Awaitable[None]]
"""Sends a response to the person who asked; never raises: one that cannot be delivered is logged."""
